package io.millrace.store;

import static io.millrace.store.JobsTestKit.done;
import static io.millrace.store.JobsTestKit.want;
import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.pool;
import static io.millrace.store.StoreTestKit.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whoever takes places, gives them back or changes how many there are does not hold up the rest.
 */
@Timeout(60)
class GatesTest {
  private static int next;

  private JobsTestKit kit;
  private Controls controls;
  private String kind;
  private String other;

  @BeforeEach
  void empty() throws Exception {
    kit = new JobsTestKit();
    controls = new Controls(pool());
    next++;
    kind = "gates-" + next;
    other = "gates-" + next + "-other";
    await(kit.jobs.kinds().ids(List.of(kind, other)));
  }

  @AfterEach
  void unlimited() throws Exception {
    await(controls.limitKind(kind, Controls.KindLimits.NONE));
    await(controls.limitKind(other, Controls.KindLimits.NONE));
    await(controls.limitQueue("default", null));
    await(controls.pauseQueue("default", false));
  }

  private static List<NewJob> jobs(String kind, long user, int n) {
    return IntStream.range(0, n).mapToObj(i -> Race.job(kind, user, null)).toList();
  }

  private static void until(String sql) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (number(sql) == 0) {
      assertTrue(System.nanoTime() < end, () -> "it did not come: " + sql);
      await(StoreTestKit.VERTX.timer(5, TimeUnit.MILLISECONDS));
    }
  }

  @Test
  void aFirstLimitWaitsForAHeldRunAndLetsTheOthersGoOn() throws Exception {
    await(kit.jobs.enqueue(pool(), jobs(kind, 1, 2)));
    await(kit.jobs.enqueue(pool(), jobs(other, 2, 1)));
    RunKey held = await(kit.jobs.claim(kit.worker, List.of(want(kind, 1)))).get(0).key();
    SqlConnection handler = await(pool().getConnection());
    Transaction transaction = await(handler.begin());
    await(kit.jobs.fence(handler, held));
    Future<Boolean> limited = controls.limitKind(kind, new Controls.KindLimits(null, 1, null));
    until("select count(*) from pg_locks where relation = 'job_running'::regclass and not granted");
    assertEquals(1, await(kit.jobs.claim(kit.worker, List.of(want(other, 1)))).size());
    assertFalse(limited.isComplete(), "it tries again");
    assertEquals(1, await(kit.jobs.endings().settle(handler, List.of(done(held)))));
    await(transaction.commit());
    await(handler.close());
    assertTrue(await(limited));
    assertEquals(1, await(kit.jobs.claimLimited(kit.worker, List.of(want(kind, 2)))).jobs().size());
  }

  @Test
  void pausesAndLimitsDoNotWaitForEachOther() throws Exception {
    await(kit.jobs.enqueue(pool(), jobs(kind, 1, 200)));
    await(kit.jobs.claim(kit.worker, List.of(want(kind, 100))));
    List<String> changes =
        List.of(
            "update job_queue set paused = $1::int % 2 = 0 where name = 'default'",
            "update job_queue set max_running = 50 + $1::int where name = 'default'",
            "update job_kind set paused = $1::int % 2 = 0 where name like 'gates-%'",
            "update job_kind set max_per_user = 50 + $1::int where name like 'gates-%'");
    List<Future<?>> all = new ArrayList<>();
    for (String change : changes) {
      Future<?> last = Future.succeededFuture();
      for (int i = 0; i < 40; i++) {
        Tuple round = Tuple.of(i);
        last =
            last.compose(v -> pool().preparedQuery(change).execute(round))
                .compose(v -> kit.jobs.claimLimited(kit.worker, List.of(want(kind, 1))));
      }
      all.add(last);
    }
    await(Future.join(all));
    run("update job_kind set paused = false, max_per_user = null where name like 'gates-%'");
  }

  private void cancelRounds(int size) throws Exception {
    run("update job_kind set max_per_user = 3 where name in ($1, $2)", kind, other);
    Operations operations = new Operations(pool(), kit.jobs.kinds());
    JobFilter ofUser = new JobFilter(kind, 1L, null);
    for (int round = 0; round < 15; round++) {
      await(kit.jobs.enqueue(pool(), jobs(kind, 1, 300)));
      for (long user = 2; user < 8; user++) {
        await(kit.jobs.enqueue(pool(), jobs(kind, user, 20)));
      }
      List<Future<?>> all = new ArrayList<>();
      all.add(operations.cancelSome(ofUser, 0, 1_000, "test"));
      all.add(operations.cancelSome(ofUser, 0, 1_000, "test"));
      for (int i = 0; i < 4; i++) {
        Future<?> last = Future.succeededFuture();
        for (int j = 0; j < 5; j++) {
          last =
              last.compose(
                      v ->
                          kit.jobs.claimLimited(
                              kit.worker, List.of(want(kind, size), want(other, size))))
                  .compose(
                      c ->
                          kit.jobs
                              .endings()
                              .settle(c.jobs().stream().map(x -> done(x.key())).toList()));
        }
        all.add(last);
      }
      for (int i = 0; i < 3; i++) {
        all.add(kit.jobs.claimLimited(kit.worker, List.of(want(kind, size))));
      }
      Future<?> over = Future.join(all);
      while (!over.isComplete()) {
        limitHolds();
      }
      await(over);
      limitHolds();
      run("truncate job_running, job_ready, job_aside, job_cancel");
    }
  }

  private static void limitHolds() throws Exception {
    assertEquals(
        0,
        number(
            """
            select count(*) from (select from job_running group by user_gate having count(*) > 3) g"""));
  }

  @Test
  @Tag("slow")
  void cancelsAndSmallClaimsDoNotWaitForEachOther() throws Exception {
    cancelRounds(15);
  }

  @Test
  @Tag("slow")
  void cancelsAndLargeClaimsDoNotWaitForEachOther() throws Exception {
    cancelRounds(50);
  }

  @Test
  void aClaimOfManyDoesNotWaitForATransactionThatSharesTheGates() throws Exception {
    run("update job_kind set max_per_user = 100 where name = $1", kind);
    await(kit.jobs.enqueue(pool(), jobs(kind, 1, 60)));
    SqlConnection handler = await(pool().getConnection());
    Transaction transaction = await(handler.begin());
    await(handler.query("select release_gates('{}'::bigint[])").execute());
    assertEquals(
        50, await(kit.jobs.claimLimited(kit.worker, List.of(want(kind, 50)))).jobs().size());
    await(transaction.rollback());
    await(handler.close());
  }

  @Test
  void aKindThatMayNotRunDoesNotHideAnotherBehindTheSameKey() throws Exception {
    String key = "shared-" + next;
    run("update job_kind set max_per_key = 0 where name = $1", kind);
    run("update job_kind set max_per_key = 2 where name = $1", other);
    await(kit.jobs.enqueue(pool(), List.of(Race.job(kind, 1, key))));
    List<NewJob> three = IntStream.range(0, 3).mapToObj(i -> Race.job(other, 2, key)).toList();
    await(kit.jobs.enqueue(pool(), three));
    // The one that may not run comes first of all.
    run("update job_ready set rank = -1000 where user_id = 1");
    assertEquals(
        List.of(), await(kit.jobs.claimLimited(kit.worker, List.of(want(kind, 5)))).jobs());
    List<ClaimedJob> two = await(kit.jobs.claimLimited(kit.worker, List.of(want(other, 5)))).jobs();
    assertEquals(2, two.size());
    assertEquals(2, JobsTestKit.count("aside"));
    await(kit.jobs.endings().settle(two.stream().map(c -> done(c.key())).toList()));
    assertEquals(1, JobsTestKit.count("aside"), "the third of the other is let through");
    assertEquals(
        1, await(kit.jobs.claimLimited(kit.worker, List.of(want(other, 5)))).jobs().size());
  }
}
