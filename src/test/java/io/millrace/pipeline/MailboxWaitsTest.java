package io.millrace.pipeline;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.pool;
import static io.millrace.store.StoreTestKit.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.limit.Quota;
import io.millrace.limit.QuotaOutlook;
import io.millrace.limit.QuotaScope;
import io.millrace.pipeline.MailboxWait.Action;
import io.millrace.pipeline.MailboxWait.Reason;
import io.millrace.store.StoreTestKit;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever holds a mailbox back, one answer says what, until when, and what can be done. */
@Timeout(120)
class MailboxWaitsTest {
  private final Instant ahead =
      Instant.now().plus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.MILLIS);

  private final SyncTestKit kit = new SyncTestKit();
  private volatile QuotaOutlook outlook = QuotaOutlook.CLEAR;
  private MailboxWaits waits;
  private long user;

  /** Buckets of which a test says what they hold. */
  private final class Told implements Quota {
    @Override
    public Future<Integer> take(long who, int want, int min) {
      return Future.succeededFuture(want);
    }

    @Override
    public Future<QuotaOutlook> outlook(long who, int units) {
      return Future.succeededFuture(outlook);
    }

    @Override
    public void refused(long who, Instant until, boolean wholeProject) {}
  }

  @AfterEach
  void close() throws Exception {
    run("delete from quota_ledger");
    run("update job_kind set paused = false, max_running = null");
    run("update job_queue set paused = false");
    if (waits != null) {
      await(waits.close());
    }
    kit.close();
  }

  private void begin(int messages) throws Exception {
    kit.pollEvery = Duration.ofMinutes(10);
    kit.start(1, messages);
    user = kit.users.get(0);
    waits = new MailboxWaits(kit.vertx, pool(), new Told(), kit.gmail);
  }

  private void inStep() throws Exception {
    begin(20);
    assertEquals("completed", kit.synced(user));
  }

  private MailboxWait why() throws Exception {
    return await(waits.of(user)).orElseThrow();
  }

  private MailboxWait why(Reason reason, Action action) throws Exception {
    MailboxWait answer = why();
    assertEquals(reason, answer.reason(), answer.sentence());
    assertEquals(action, answer.action(), answer.sentence());
    assertEquals(action == Action.WAIT, answer.remedy() == null, answer.remedy());
    assertTrue(answer.sentence().endsWith("."), answer.sentence());
    return answer;
  }

  private void scheduled(String why) throws Exception {
    run(
        "update job_scheduled set why = $2, run = 1, run_at = $3 where user_id = $1",
        user,
        why,
        ahead.atOffset(ZoneOffset.UTC));
  }

  @Test
  void whatIsInStepIsLookedAtWhenItIsPolled() throws Exception {
    inStep();
    MailboxWait answer = why(Reason.IN_STEP, Action.WAIT);
    OffsetDateTime poll =
        StoreTestKit.one(
            OffsetDateTime.class, "select run_at from job_scheduled where user_id = $1", user);
    assertEquals(poll.toInstant(), answer.until());
    assertNotNull(answer.since());
    run("update sync_run set dead_lettered = 3, listed = listed + 3 where user_id = $1", user);
    answer = why(Reason.INCOMPLETE, Action.RECOUNT);
    assertTrue(answer.sentence().contains("3 messages"), answer.sentence());
    assertTrue(await(waits.of(user + 1_000_000)).isEmpty(), "nobody");
  }

  @Test
  void aPersonIsToldWhatToDo() throws Exception {
    inStep();
    run("update mailbox set paused_at = clock(), paused_why = 'moving' where user_id = $1", user);
    MailboxWait answer = why(Reason.PAUSED, Action.RESUME);
    assertEquals("The mailbox is paused: moving.", answer.sentence());
    assertNotNull(answer.since());
    run("update google_token set dead_reason = 'revoked' where user_id = $1", user);
    answer = why(Reason.GRANT_ENDED, Action.CONNECT);
    assertTrue(answer.sentence().endsWith("no longer: revoked."), answer.sentence());
    run("delete from google_token where user_id = $1", user);
    why(Reason.NOT_CONNECTED, Action.CONNECT);
    run("update mailbox set disconnected_at = clock() where user_id = $1", user);
    why(Reason.DISCONNECTED, Action.CONNECT);
  }

  @Test
  void aWaitForUnitsNamesItsLimitAndTheLaterTime() throws Exception {
    inStep();
    scheduled("quota: the user's quota per minute");
    assertEquals(ahead, why(Reason.USER_QUOTA, Action.WAIT).until());
    outlook = new QuotaOutlook(QuotaScope.USER, ahead.plusSeconds(60), null);
    assertEquals(ahead.plusSeconds(60), why(Reason.USER_QUOTA, Action.WAIT).until());
    scheduled("quota: the project's quota per minute, others come first");
    assertEquals(ahead, why(Reason.PROJECT_QUOTA, Action.WAIT).until());
    scheduled("quota: the project's quota of the day");
    assertEquals(ahead, why(Reason.DAY_QUOTA, Action.WAIT).until());
    scheduled("quota: Google closed it until " + ahead);
    assertEquals(ahead, why(Reason.CLOSED_BY_GOOGLE, Action.WAIT).until());
    run(
        "insert into quota_ledger (scope, key, closed_until, time_scale) values ('user', $1, $2, 1)",
        user,
        ahead.plusSeconds(900).atOffset(ZoneOffset.UTC));
    scheduled("quota: the user's quota per minute");
    MailboxWait answer = why(Reason.CLOSED_BY_GOOGLE, Action.WAIT);
    assertEquals(ahead.plusSeconds(900), answer.until(), "told to another process");
    run(
        "insert into job_progress (user_id, id, updated_at) select user_id, id, $2 from job_scheduled"
            + " where user_id = $1",
        user,
        ahead.minusSeconds(9_000).atOffset(ZoneOffset.UTC));
    assertEquals(ahead.minusSeconds(9_000), why().since(), "when its run stopped");
    scheduled("breaker: Gmail failed too often and is left alone for a while");
    assertEquals(ahead, why(Reason.BREAKER, Action.WAIT).until());
  }

  @Test
  void aRetryTellsHowTheLastAttemptFailed() throws Exception {
    inStep();
    scheduled("retry");
    run(
        "insert into job_progress (user_id, id, updated_at, attempts) select user_id, id, clock(),"
            + " '[{\"message\": \"Google is away.\", \"at\": \"2026-11-22T10:00:00Z\"}]' from job_scheduled"
            + " where user_id = $1",
        user);
    MailboxWait answer = why(Reason.RETRY, Action.WAIT);
    assertTrue(answer.sentence().contains("Google is away. It is tried again"), answer.sentence());
    assertEquals(ahead, answer.until());
    assertEquals(Instant.parse("2026-11-22T10:00:00Z"), answer.since());
  }

  @Test
  void whatHoldsEveryJobOfTheKindHoldsTheMailbox() throws Exception {
    inStep();
    run("update job_kind set paused = true where name = $1", GmailSync.KIND);
    why(Reason.QUEUE_PAUSED, Action.RESUME_QUEUE);
    run("update job_kind set paused = false, max_running = 0 where name = $1", GmailSync.KIND);
    run("update job_scheduled set run_at = clock() where user_id = $1", user);
    kit.until(
        1,
        "select count(*) from job_ready r join job_kind k on k.id = r.kind"
            + " where r.user_id = $1 and k.name = 'google_gmail_sync'",
        user);
    MailboxWait answer = why(Reason.KIND_LIMIT, Action.RAISE_LIMIT);
    assertNotNull(answer.since());
    kit.stopEngine();
    why(Reason.NO_WORKER, Action.START_WORKER);
  }

  @Test
  void aDeadSyncNamesItsLetter() throws Exception {
    begin(10);
    why(Reason.NOT_STARTED, Action.SYNC);
    run("update account set email = 'somebody.else@example.com' where user_id = $1", user);
    long job = kit.sync(user);
    assertEquals("dead", kit.ended(job));
    MailboxWait answer = why(Reason.DEAD, Action.REDRIVE);
    assertEquals(job, answer.job());
    assertTrue(answer.sentence().contains("the grant is that of"), answer.sentence());
  }

  @Test
  void aRunningSyncTellsHowFarItIs() throws Exception {
    kit.writeBatch = 5;
    begin(3_000);
    long job = kit.sync(user);
    MailboxWait answer = why();
    while (answer.reason() != Reason.SYNCING
        || answer.progress() == null
        || answer.progress().end() == null) {
      assertNull(
          StoreTestKit.rows("select from job_outcome where id = $1", job).stream()
              .findFirst()
              .orElse(null),
          "it never told when it would end");
      answer = why();
    }
    assertEquals(answer.progress().end(), answer.until());
    assertTrue(answer.progress().perSecond() > 0);
    assertEquals(job, answer.job());
    outlook = new QuotaOutlook(QuotaScope.DAY, ahead, null);
    MailboxWait closed = why();
    if (closed.progress() != null) {
      assertEquals(Reason.DAY_QUOTA, closed.reason(), closed.sentence());
      assertEquals(ahead, closed.until());
    }
    assertEquals("completed", kit.ended(job));
  }

  @Test
  void theSameIsSaidByAProcessThatOnlyLooks() throws Exception {
    inStep();
    kit.order("add", 0, new JsonObject());
    kit.stopEngine();
    MailboxWait answer = why();
    assertEquals(Reason.NO_WORKER, answer.reason());
    assertNull(answer.until());
  }
}
