package io.millrace.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.NewJob;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FollowUpTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final Duration POLL = Duration.ofMinutes(15);

  @Test
  void whatIsInStepIsPolled() {
    List<NewJob> next = new FollowUp(POLL, 0, "5").jobs(1, "7", false, NOW);
    assertTrue(next.get(0).runAt().isAfter(NOW.plusSeconds(800)));
    assertEquals("{}", next.get(0).payload());
    assertEquals(List.of(), new FollowUp(Duration.ZERO, 3, "5").jobs(1, "5", false, NOW));
  }

  @Test
  void whatIsBehindIsLookedAtAtOnce() {
    for (String before : new String[] {null, "5"}) {
      NewJob next = new FollowUp(POLL, 8, before).jobs(1, "7", true, NOW).get(0);
      assertNull(next.runAt());
      assertEquals("{}", next.payload());
    }
  }

  @Test
  void whatNeverShowsIsLookedForLessAndLessAndThenPolled() {
    List<Long> waits = new ArrayList<>();
    int vain = 0;
    for (int look = 0; look < 12; look++) {
      NewJob next = new FollowUp(POLL, vain, "7").jobs(1, "7", true, NOW).get(0);
      waits.add(next.runAt() == null ? 0 : Duration.between(NOW, next.runAt()).toSeconds());
      vain = new JsonObject(next.payload()).getInteger("vain");
    }
    assertEquals(List.of(0L, 1L, 2L, 4L, 8L, 16L, 32L, 64L, 900L, 900L, 900L, 900L), waits);
    assertEquals(List.of(), new FollowUp(Duration.ZERO, 8, "7").jobs(1, "7", true, NOW));
    assertEquals(
        1, FollowUp.of(POLL, new GmailSync.Payload(false, -5), "7").jobs(1, "7", true, NOW).size());
  }
}
