package io.millrace.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.CallRoom;
import io.millrace.limit.QuotaOutlook;
import io.millrace.limit.QuotaScope;
import io.millrace.pipeline.MailboxWait.Action;
import io.millrace.pipeline.MailboxWait.Reason;
import io.millrace.store.MailboxStanding;
import io.millrace.store.MailboxStanding.Access;
import io.millrace.store.MailboxStanding.Permission;
import io.millrace.store.MailboxStanding.Run;
import io.millrace.store.MailboxStanding.Sync;
import io.millrace.store.WaitReasons.Cause;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The nearest cause comes first, in words that a person understands. */
class WaitJudgeTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final Instant SOON = NOW.plusSeconds(300);
  private static final WaitJudge.Local CLEAR =
      new WaitJudge.Local(QuotaOutlook.CLEAR, null, new CallRoom(0, 4), 0);

  private static MailboxStanding at(Sync sync, Run run) {
    return new MailboxStanding(
        7,
        "ann@example.com",
        NOW,
        NOW.minusSeconds(60),
        null,
        null,
        new Access(Permission.GIVEN, NOW.minusSeconds(9_000), null),
        sync,
        run,
        0,
        null,
        null);
  }

  private static Sync sync(String state) {
    return new Sync(11, state, NOW.minusSeconds(30), SOON, null, 0, null, null);
  }

  private static Cause cause(String what, String detail, Long n) {
    return new Cause(what, detail, null, n);
  }

  private static MailboxWait ready(Cause... causes) {
    return new WaitJudge(at(sync("ready"), null), List.of(causes), CLEAR).answer();
  }

  @Test
  void limitsComeBeforeTheQueue() {
    assertEquals(Reason.TURN, ready(cause("rank", null, 12L)).reason());
    assertTrue(ready(cause("rank", null, 12L)).sentence().contains("12 others come first"));
    assertTrue(ready(cause("rank", null, 0L)).sentence().contains("next to begin"));
    assertEquals(NOW.minusSeconds(30), ready(cause("rank", null, 0L)).since());
    assertEquals(
        Reason.KIND_LIMIT, ready(cause("kind limit", null, 3L), cause("rank", null, 1L)).reason());
    assertEquals(
        "As many jobs of queue mail run as may: 5.",
        ready(cause("queue limit", "mail", 5L)).sentence());
    assertEquals(Reason.USER_LIMIT, ready(cause("user limit", null, 1L)).reason());
    MailboxWait paused = ready(cause("rank", null, 1L), cause("paused", "queue default", null));
    assertEquals(Action.RESUME_QUEUE, paused.action());
    assertEquals("Resume the queue default.", paused.remedy());
  }

  @Test
  void aRunTellsItsRateAndWhenItWillBeDone() {
    Run run = new Run("list", true, NOW.minusSeconds(100), 5_000, 1_000, 40);
    MailboxWait answer = new WaitJudge(at(sync("running"), run), List.of(), CLEAR).answer();
    assertEquals(Reason.SYNCING, answer.reason());
    assertEquals(NOW.plusSeconds(400), answer.until(), "ten a second since it began");
    assertEquals(
        "1000 of about 5000 messages are accounted for, 10.0 a second, until about"
            + " 2026-11-22T10:06:40Z; 40 are still to be fetched.",
        answer.sentence());
    WaitJudge.Local here = new WaitJudge.Local(QuotaOutlook.CLEAR, null, new CallRoom(3, 8), 100);
    answer = new WaitJudge(at(sync("running"), run), List.of(), here).answer();
    assertEquals(NOW.plusSeconds(40), answer.until(), "what this process saw goes before it");
    assertTrue(answer.sentence().endsWith("; 3 of at most 8 requests are at Google."));
    Run checking = new Run("recount", true, NOW.minusSeconds(100), 5_000, 5_000, 0);
    assertNull(new WaitJudge(at(sync("running"), checking), List.of(), CLEAR).answer().until());
  }

  @Test
  void aRunThatGoogleHoldsSaysSo() {
    Run run = new Run("list", true, NOW.minusSeconds(100), 5_000, 1_000, 40);
    MailboxStanding running = at(sync("running"), run);
    for (QuotaScope scope : QuotaScope.values()) {
      WaitJudge.Local local =
          new WaitJudge.Local(new QuotaOutlook(scope, SOON, null), null, new CallRoom(0, 4), 0);
      MailboxWait answer = new WaitJudge(running, List.of(), local).answer();
      Reason reason =
          switch (scope) {
            case USER -> Reason.USER_QUOTA;
            case SHARE, PROJECT -> Reason.PROJECT_QUOTA;
            case DAY -> Reason.DAY_QUOTA;
            case GOOGLE -> Reason.CLOSED_BY_GOOGLE;
          };
      assertEquals(reason, answer.reason());
      assertEquals(SOON, answer.until());
      assertEquals(scope, QuotaScope.of(scope.words() + " until then").orElseThrow());
    }
    WaitJudge.Local broken = new WaitJudge.Local(QuotaOutlook.CLEAR, SOON, new CallRoom(0, 4), 0);
    assertEquals(Reason.BREAKER, new WaitJudge(running, List.of(), broken).answer().reason());
    WaitJudge.Local moment =
        new WaitJudge.Local(
            new QuotaOutlook(QuotaScope.USER, NOW.plusMillis(90), null),
            null,
            new CallRoom(0, 4),
            0);
    assertEquals(
        Reason.SYNCING,
        new WaitJudge(running, List.of(), moment).answer().reason(),
        "units are earned all the time");
    assertEquals(
        Reason.NO_WORKER, new WaitJudge(at(sync("lost"), run), List.of(), CLEAR).answer().reason());
  }
}
