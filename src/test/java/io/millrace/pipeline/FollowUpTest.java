package io.millrace.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.NewJob;
import io.millrace.store.SyncRuns.Closed;
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
    List<NewJob> next = new FollowUp(POLL, 0, null, "5").jobs(1, "7", closed(false, "7"));
    assertTrue(next.get(0).runAt().isAfter(NOW.plusSeconds(800)));
    assertEquals("{}", next.get(0).payload());
    assertEquals(
        List.of(), new FollowUp(Duration.ZERO, 3, "5", "5").jobs(1, "5", closed(false, "5")));
  }

  @Test
  void whatIsBehindIsLookedAtAtOnce() {
    for (String before : new String[] {null, "5"}) {
      NewJob next = new FollowUp(POLL, 8, "9", before).jobs(1, "7", closed(true, "9")).get(0);
      assertNull(next.runAt());
      assertEquals("{}", next.payload());
    }
  }

  @Test
  void whatNeverShowsIsLookedForLessAndLessAndThenPolled() {
    List<Long> waits = new ArrayList<>();
    int vain = 0;
    for (int look = 0; look < 12; look++) {
      NewJob next = new FollowUp(POLL, vain, "9", "7").jobs(1, "7", closed(true, "9")).get(0);
      waits.add(next.runAt() == null ? 0 : Duration.between(NOW, next.runAt()).toSeconds());
      vain = new JsonObject(next.payload()).getInteger("vain");
    }
    assertEquals(List.of(0L, 1L, 2L, 4L, 8L, 16L, 32L, 64L, 900L, 900L, 900L, 900L), waits);
    assertEquals(
        List.of(), new FollowUp(Duration.ZERO, 8, "9", "7").jobs(1, "7", closed(true, "9")));
    assertEquals(
        1,
        FollowUp.of(POLL, new GmailSync.Payload(false, -5, "9"), "7")
            .jobs(1, "7", closed(true, "9"))
            .size());
  }

  /** The last look in vain was hurried by another notice: its turn comes from the beginning. */
  @Test
  void anotherNoticeIsLookedForAsIfNothingHadBeenInVain() {
    NewJob next = new FollowUp(POLL, 8, "9", "7").jobs(1, "7", closed(true, "12")).get(0);
    assertNull(next.runAt(), "at once, not at the next poll");
    assertEquals(1, new JsonObject(next.payload()).getInteger("vain"));
    assertEquals("12", new JsonObject(next.payload()).getString("told"));
    next = new FollowUp(POLL, 1, "12", "7").jobs(1, "7", closed(true, "12")).get(0);
    assertEquals(NOW.plusSeconds(1), next.runAt());
  }

  private static Closed closed(boolean behind, String notified) {
    return new Closed(NOW, behind, notified);
  }
}
