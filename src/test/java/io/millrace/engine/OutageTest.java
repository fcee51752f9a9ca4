package io.millrace.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.DatabaseException;
import io.vertx.pgclient.PgException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** An outage is said as often as a person wants to hear of it, and whoever tries backs off. */
class OutageTest {
  private final Throwable refused = new DatabaseException("refused");
  private long now;
  private final Outage outage = new Outage(() -> now);

  @Test
  void itIsSaidOnceThenAtGrowingIntervalsUntilAllSucceed() {
    try (LogLines lines = LogLines.of(Outage.class)) {
      for (int second = 0; second < 60; second++) {
        outage.failed("claim", "no claim", refused);
        outage.failed("outcomes", "3 outcomes wait", refused);
        now += Duration.ofSeconds(1).toNanos();
      }
      assertEquals(3, lines.all().size(), lines.all().toString());
      outage.failed("claim", "no claim", new PgException("read-only", "ERROR", "25006", null));
      assertEquals(4, lines.all().size(), "another reason is news");
      outage.succeeded("claim");
      assertTrue(outage.lasts());
      outage.succeeded("outcomes");
      assertFalse(outage.lasts());
    }
  }

  @Test
  void triesGetRarerUntilOneSucceeds() {
    long last = 0;
    for (int i = 0; i < 20; i++) {
      long wait = outage.failed("claim", "no claim", refused);
      assertTrue(wait >= last && wait <= 5_000);
      last = wait;
    }
    assertEquals(5_000, last);
    outage.succeeded("claim");
    assertEquals(50, outage.failed("claim", "no claim", refused));
  }
}
