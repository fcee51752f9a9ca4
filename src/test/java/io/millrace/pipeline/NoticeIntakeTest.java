package io.millrace.pipeline;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.MailboxNotice;
import io.millrace.store.DatabaseException;
import io.millrace.store.Notices.Kind;
import io.millrace.store.StoreTestKit;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Notices that come before, while and when a sync ends: one sync at a time, none lost. */
@Timeout(120)
class NoticeIntakeTest {
  private static final String LIVE =
      "select count(*) from job where user_id = $1 and kind = (select id from job_kind where name = 'google_gmail_sync')"
          + " and state in ('ready', 'running', 'scheduled', 'waiting')";
  private static final String ENDED =
      "select count(*) from job where user_id = $1 and kind = (select id from job_kind where name = 'google_gmail_sync')"
          + " and state = 'completed'";
  private static final String WAITING_FOR_A_LOCK =
      "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
          + " and query like '%' || $1 || '%'";

  private final SyncTestKit kit = new SyncTestKit();
  private NoticeIntake intake;
  private long user;
  private String email;

  @AfterEach
  void close() throws Exception {
    kit.close();
  }

  private void begin() throws Exception {
    kit.pollEvery = Duration.ofMinutes(10);
    kit.start(2, 30);
    user = kit.users.get(0);
    email = kit.simulator.accounts().get(0).email();
    intake = kit.intake();
    assertEquals("completed", kit.synced(user));
  }

  private long add() throws Exception {
    return Long.parseLong(kit.order("add", 0, new JsonObject()).getString("historyId"));
  }

  private Future<Kind> tell(long historyId) {
    return intake.take(new MailboxNotice(email, Long.toString(historyId)));
  }

  @Test
  void aNoticeBringsThePollForward() throws Exception {
    begin();
    assertEquals(1, number(LIVE + " and state = 'scheduled'", user), "the poll");
    long before = SyncTestKit.messages(user);
    assertEquals(Kind.NEW, await(tell(add())));
    kit.until(before + 1, "select count(*) from message where user_id = $1", user);
    kit.until(2, ENDED, user);
    assertEquals(1, number(LIVE, user));
  }

  @Test
  void whatIsKnownOrStrangeChangesNothing() throws Exception {
    begin();
    long cursor = number("select cursor::bigint from mailbox where user_id = $1", user);
    assertEquals(Kind.OLD, await(tell(cursor)));
    assertEquals(Kind.OLD, await(tell(cursor - 5)));
    assertEquals(Kind.OLD, await(tell(cursor)), "a replay");
    assertEquals(Kind.UNKNOWN, await(intake.take(new MailboxNotice("nobody@example.com", "7"))));
    assertEquals(1, number(LIVE + " and state = 'scheduled'", user));
    assertEquals(1, number(ENDED, user));
    assertEquals(
        cursor, number("select notified_history_id::bigint from mailbox where user_id = $1", user));
  }

  @Test
  void aMailboxWhoseGrantIsDeadIsNotTriedInVain() throws Exception {
    begin();
    StoreTestKit.run("update google_token set dead_reason = 'revoked' where user_id = $1", user);
    assertEquals(Kind.SHUT, await(tell(add())));
    assertEquals(1, number(LIVE + " and state = 'scheduled'", user));
  }

  @Test
  void manyNoticesAtOnceMakeOneSync() throws Exception {
    begin();
    long before = SyncTestKit.messages(user);
    long historyId = 0;
    for (int i = 0; i < 5; i++) {
      historyId = add();
    }
    kit.stopEngine();
    List<Future<Kind>> all = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      // Out of order, and twice each.
      all.add(tell(historyId - (i * 37 % 30)));
    }
    for (Future<Kind> one : all) {
      await(one);
    }
    assertEquals(1, number(LIVE, user));
    assertEquals(1, number(LIVE + " and state = 'ready'", user));
    kit.engine(java.net.URI.create(kit.simulator.rootUrl()));
    kit.until(before + 5, "select count(*) from message where user_id = $1", user);
  }

  @Test
  void aRetryOrAWaitForQuotaIsNotCutShort() throws Exception {
    begin();
    StoreTestKit.run("update job_scheduled set run = 1 where user_id = $1", user);
    assertEquals(Kind.NEW, await(tell(add())));
    assertEquals(1, number(LIVE + " and state = 'scheduled'", user));
    assertEquals(1, number(LIVE, user));
  }

  @Test
  void aHistoryIdBeyondTheSignedNumbersIsNoLess() throws Exception {
    begin();
    assertEquals(Kind.NEW, await(intake.take(new MailboxNotice(email, "18446744073709551615"))));
    assertEquals(Kind.OLD, await(tell(add())), "less than what was told");
    assertEquals(
        "18446744073709551615",
        one(
            String.class,
            "select notified_history_id::text from mailbox where user_id = $1",
            user));
    // Never reached: looked for again at once, then after 1, 2 … seconds, and no faster.
    kit.until(3, ENDED, user);
    kit.until(1, LIVE + " and state = 'scheduled'", user);
    assertEquals(1, number(LIVE, user));
  }

  /** The end of a sync stands before the mailbox's row, and the notice behind it. */
  @Test
  void aNoticeRightBehindTheEndIsNotLost() throws Exception {
    begin();
    try (Barrier barrier = Barrier.before(user)) {
      add();
      await(poll());
      kit.until(1, WAITING_FOR_A_LOCK, "finished_at = clock()");
      long second = add();
      Future<Kind> told = tell(second);
      kit.until(1, WAITING_FOR_A_LOCK, "as behind");
      barrier.open();
      assertEquals(Kind.NEW, await(told));
      reached(second);
    }
  }

  /** The notice stands before the mailbox's row, and the end of a sync behind it. */
  @Test
  void aNoticeRightBeforeTheEndIsNotLost() throws Exception {
    begin();
    try (Barrier barrier = Barrier.before(user)) {
      long second = add();
      Future<Kind> told = tell(second);
      kit.until(1, WAITING_FOR_A_LOCK, "as behind");
      await(poll());
      kit.until(1, WAITING_FOR_A_LOCK, "finished_at = clock()");
      barrier.open();
      await(told);
      reached(second);
    }
  }

  /** Everything is cut while both wait for the mailbox's row. */
  @Test
  void aCrashBetweenLosesNothingThatWasAcknowledged() throws Exception {
    begin();
    long second;
    try (Barrier barrier = Barrier.before(user)) {
      add();
      await(poll());
      kit.until(1, WAITING_FOR_A_LOCK, "finished_at = clock()");
      second = add();
      Future<Kind> told = tell(second);
      kit.until(1, WAITING_FOR_A_LOCK, "as behind");
      StoreTestKit.cutConnections();
      assertThrows(Exception.class, () -> await(told), "not acknowledged: it comes again");
      barrier.open();
    }
    again(second);
    reached(second);
  }

  @Test
  void noneIsLostAmongManyAtAnyMoment() throws Exception {
    begin();
    long before = SyncTestKit.messages(user);
    long last = 0;
    for (int i = 0; i < 40; i++) {
      last = add();
      Future<Kind> told = tell(last);
      Future<Kind> twice = tell(last);
      await(told);
      await(twice);
      assertEquals(1, number(LIVE, user));
    }
    reached(last);
    assertEquals(before + 40, SyncTestKit.messages(user));
  }

  /** Starts a sync as a poll does, without raising anything. */
  private Future<Void> poll() {
    return pool()
        .preparedQuery("update job_scheduled set run_at = clock() where user_id = $1 and run = 0")
        .execute(Tuple.of(user))
        .mapEmpty();
  }

  /** As Pub/Sub does: until it is acknowledged. Connections that were cut fail a few times. */
  private void again(long historyId) throws Exception {
    for (int i = 1; ; i++) {
      try {
        await(tell(historyId));
        return;
      } catch (DatabaseException e) {
        assertTrue(i < 50, e::getMessage);
      }
    }
  }

  private void reached(long historyId) throws Exception {
    kit.until(
        1,
        "select count(*) from mailbox where user_id = $1 and cursor >= $2::bigint::numeric",
        user,
        historyId);
    kit.until(1, LIVE + " and state = 'scheduled'", user);
    assertEquals(1, number(LIVE, user));
  }

  /** Holds a mailbox's row, so that whoever needs it queues up. */
  private record Barrier(SqlConnection connection, Transaction transaction)
      implements AutoCloseable {
    static Barrier before(long user) throws Exception {
      SqlConnection connection = await(StoreTestKit.hold());
      Transaction transaction = await(connection.begin());
      await(
          connection
              .preparedQuery("select from mailbox where user_id = $1 for update")
              .execute(Tuple.of(user)));
      return new Barrier(connection, transaction);
    }

    /** To be called on every path. */
    void open() throws Exception {
      await(transaction.rollback());
    }

    @Override
    public void close() {
      connection.close();
    }
  }
}
