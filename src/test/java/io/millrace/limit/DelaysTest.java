package io.millrace.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** What is assumed about how late a request can be. */
class DelaysTest {
  private static final long MS = 1_000_000;

  private final Delays delays = new Delays(400 * MS);

  @Test
  void asLongAsLittleIsKnownTheMostIsAssumed() {
    delays.sample(10 * MS);
    assertEquals(400 * MS, delays.spreadNanos());
  }

  @Test
  void withoutAnyJitterAllowedTheWayThroughThisProcessIsCountedStill() {
    Delays none = new Delays(0);
    assertEquals(25 * MS, none.legNanos());
    assertEquals(50 * MS, none.spreadNanos());
    for (int i = 0; i < 1_000; i++) {
      none.sample(10 * MS);
    }
    assertEquals(50 * MS, none.spreadNanos());
  }

  @Test
  void bothLegsFromTheGrantToTheWriteAreWithinWhatTheSpreadCounts() {
    for (int i = 0; i < 1_000; i++) {
      delays.sample(10 * MS);
    }
    assertTrue(2 * delays.legNanos() <= delays.spreadNanos());
    assertEquals(50 * MS, delays.legNanos());
  }

  @Test
  void onlyTheSpreadCountsAndNotTheDelayItself() {
    for (int i = 0; i < 1_000; i++) {
      delays.sample((200 + i % 20) * MS);
    }
    assertTrue(delays.spreadNanos() < 200 * MS, delays.spreadNanos() / MS + " ms");
    assertTrue(delays.spreadNanos() >= 100 * MS + 20 * MS);
  }

  @Test
  void aSingleStragglerAmongHundredsIsLeftToTheBurst() {
    for (int i = 0; i < 1_000; i++) {
      delays.sample(10 * MS);
    }
    delays.sample(3_000 * MS);
    assertTrue(delays.spreadNanos() < 150 * MS);
  }

  @Test
  void whatIsTwoWindowsOldIsForgotten() {
    for (int i = 0; i < 1_000; i++) {
      delays.sample(i % 2 == 0 ? 10 * MS : 350 * MS);
    }
    delays.turn();
    assertEquals(400 * MS, delays.spreadNanos());
    for (int i = 0; i < 1_000; i++) {
      delays.sample(10 * MS);
    }
    assertEquals(400 * MS, delays.spreadNanos(), "the last window counts still");
    delays.turn();
    assertTrue(delays.spreadNanos() < 150 * MS);
  }
}
