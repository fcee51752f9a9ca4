package io.millrace.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Units and calls in flight are refused as Gmail refuses them. Time is set. */
class QuotaTest {
  private static final long SECOND = 1_000_000_000L;
  private final Instant epoch = Instant.parse("2026-11-20T10:00:00Z");
  private long now;

  private Quota quota(String profile, double scale, int wall) {
    SimClock clock = new SimClock(() -> now, () -> epoch.plusNanos(now), scale);
    return new Quota(QuotaProfile.named(profile), clock, wall);
  }

  private static GoogleError get(Quota quota, Quota.User user) {
    GoogleError error = quota.admit(user, ApiMethod.MESSAGES_GET, new Quota.Arrival());
    if (error == null) {
      quota.release(user, 1);
    }
    return error;
  }

  @Test
  void threeHundredGetsAMinuteAndNotOneMore() {
    Quota quota = quota("2026-05", 1, 25);
    Quota.User user = quota.user();
    for (int i = 0; i < 300; i++) {
      assertNull(get(quota, user));
      now += SECOND / 10;
    }
    assertEquals(403, get(quota, user).code());
    assertEquals(429, get(quota, user).code());
    now = 60 * SECOND - 1;
    assertNotNull(get(quota, user));
    now = 60 * SECOND;
    assertNull(get(quota, user));
    assertEquals(6_020, quota.spent());
    assertEquals(6_060, quota.maxUserMinute());
  }

  @Test
  void theScaleShortensTheMinute() {
    Quota quota = quota("legacy", 20, 25);
    Quota.User user = quota.user();
    for (int i = 0; i < 3_000; i++) {
      assertNull(get(quota, user));
    }
    assertNotNull(get(quota, user));
    now = 3 * SECOND;
    assertNull(get(quota, user));
  }

  @Test
  void whoGoesOnIsShutOutAndEachCallBeginsTheWaitAgain() {
    Quota quota = quota("2026-05", 1, 25);
    Quota.User user = quota.user();
    for (int i = 0; i < 300; i++) {
      assertNull(get(quota, user));
    }
    GoogleError last = null;
    for (int i = 0; i < Quota.VIOLATIONS; i++) {
      last = get(quota, user);
    }
    assertTrue(
        last.message().endsWith("exceeded.  Retry after 2026-11-20T10:15:00.000Z"), last.message());
    now = 800 * SECOND;
    assertTrue(get(quota, user).message().contains("10:28:20.000Z"));
    now = 1_690 * SECOND;
    assertNotNull(get(quota, user));
    now = 2_590 * SECOND;
    assertNull(get(quota, user));
  }

  @Test
  void callsInFlightAreWalledPerUser() {
    Quota quota = quota("2026-05", 1, 3);
    Quota.User user = quota.user();
    Quota.Arrival batch = new Quota.Arrival();
    for (int i = 0; i < 3; i++) {
      assertNull(quota.admit(user, ApiMethod.MESSAGES_GET, batch));
    }
    GoogleError error = quota.admit(user, ApiMethod.MESSAGES_GET, batch);
    assertEquals("Too many concurrent requests for user.", error.message());
    assertNull(quota.admit(quota.user(), ApiMethod.MESSAGES_GET, batch));
    quota.release(user, 1);
    assertNull(quota.admit(user, ApiMethod.MESSAGES_GET, batch));
  }

  @Test
  void theProjectHasAMinuteAndADayOfItsOwn() {
    Quota quota = quota("2026-05", 1, 25);
    long accepted = 0;
    GoogleError error = null;
    for (int user = 0; user < 201; user++) {
      Quota.User each = quota.user();
      for (int i = 0; i < 300 && error == null; i++) {
        error = get(quota, each);
        accepted += error == null ? 1 : 0;
      }
    }
    assertEquals(60_000, accepted);
    assertEquals(GoogleError.PROJECT_MINUTE, error);
    for (int minute = 1; minute <= 66; minute++) {
      now = minute * (60 * SECOND);
      for (int user = 0; user < 200; user++) {
        Quota.User each = quota.user();
        for (int i = 0; i < 300; i++) {
          error = get(quota, each);
        }
      }
    }
    assertEquals(GoogleError.DAY, error);
    assertEquals(80_000_000, quota.spent());
  }

  @Test
  void anotherClientOfTheUserSpendsTheSameUnits() {
    Quota quota = quota("2026-05", 1, 25);
    Quota.User user = quota.user();
    quota.spendElsewhere(user, 5_990);
    assertNotNull(get(quota, user));
    assertEquals(20, quota.maxUserMinute());
    assertEquals(0, quota.spent());
  }
}
