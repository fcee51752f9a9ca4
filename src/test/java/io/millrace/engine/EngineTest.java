package io.millrace.engine;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static io.millrace.store.StoreTestKit.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.limit.QuotaWait;
import io.millrace.store.FencedException;
import io.millrace.store.NewJob;
import io.millrace.store.StoreTestKit;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever a handler or the database does, every job comes to one end. */
@Timeout(60)
class EngineTest {
  private static final Future<Outcome> DONE = Future.succeededFuture(new Outcome.Completed("done"));

  private final EngineTestKit kit = new EngineTestKit();

  @AfterEach
  void close() throws Exception {
    kit.close();
  }

  @Test
  void slotsAreNeverExceededAndAllIsDone() throws Exception {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Promise<Void> full = Promise.promise();
    kit.start(
        job -> {
          // None ends before all slots have been taken once, however slow the machine is.
          if (most.accumulateAndGet(running.incrementAndGet(), Math::max) == 4) {
            full.tryComplete();
          }
          return full.future()
              .compose(v -> kit.vertx.timer(1 + job.payload().n() % 5, TimeUnit.MILLISECONDS))
              .onComplete(v -> running.decrementAndGet())
              .compose(v -> DONE);
        });
    kit.until("completed", kit.enqueue(200));
    assertEquals(4, most.get());
  }

  @Test
  void nothingIsClaimedWhileTheSlotsAreFull() throws Exception {
    Promise<Outcome> gate = Promise.promise();
    kit.start(job -> gate.future());
    List<Long> ids = kit.enqueue(10);
    kit.until("running", ids.subList(0, 4));
    for (int i = 0; i < 20; i++) {
      kit.wake();
    }
    await(kit.vertx.timer(2 * kit.poll.toMillis(), TimeUnit.MILLISECONDS));
    assertEquals(4, kit.in("running", ids));
    assertEquals(6, kit.in("ready", ids));
    gate.complete(new Outcome.Completed(null));
    kit.until("completed", ids);
  }

  @Test
  void whateverAHandlerDoesIsAFailedAttemptAndThenADeadJob() throws Exception {
    kit.start(
        job ->
            switch (job.payload().n()) {
              case 0 -> throw new IllegalStateException("thrown");
              case 1 -> null;
              case 2 -> Future.succeededFuture(null);
              case 3 -> Future.failedFuture("x\u0000y".repeat(100_000));
              case 4 -> throw new AssertionError("an error");
              case 5 -> Future.failedFuture((String) null);
              default -> DONE;
            });
    List<Long> ids = kit.enqueue(7);
    kit.until("dead", ids.subList(0, 6));
    kit.until("completed", ids.subList(6, 7));
    for (var row :
        rows(
            "select failures, reason, error from job_dead where id = any($1)",
            (Object) ids.toArray(Long[]::new))) {
      assertEquals(3, row.getInteger(0));
      assertEquals("exhausted", row.getString(1));
      assertTrue(((JsonObject) row.getValue(2)).encode().length() < 10_000, "bounded");
    }
  }

  @Test
  void outcomesThatCannotBeWrittenAsTheyAreHoldNobodyUp() throws Exception {
    kit.start(
        job ->
            switch (job.payload().n()) {
              case 0 -> Future.succeededFuture(new Outcome.Completed("a\u0000b".repeat(1_000_000)));
              case 1 -> Future.succeededFuture(new Outcome.Skipped("a\u0000b"));
              case 2 ->
                  Future.succeededFuture(
                      new Outcome.Discarded("a\u0000b", new IllegalStateException("\u0000")));
              case 3 ->
                  Future.succeededFuture(
                      new Outcome.Yielded(Duration.ofSeconds(Long.MAX_VALUE), "a\u0000b"));
              case 4 -> Future.succeededFuture(new Outcome.Discarded(null, null));
              case 5 -> Future.succeededFuture(new Outcome.Retried(null));
              default -> DONE;
            });
    List<Long> ids = kit.enqueue(8);
    kit.until("completed", List.of(ids.get(0), ids.get(6), ids.get(7)));
    kit.until("skipped", ids.subList(1, 2));
    kit.until("scheduled", ids.subList(3, 4));
    kit.until("dead", List.of(ids.get(2), ids.get(4), ids.get(5)));
    assertTrue(
        one(String.class, "select note from job_outcome where id = $1", ids.get(0)).length()
            <= 1_001);
  }

  @Test
  void aHandlerThatNeverEndsIsToldSoAndCannotWriteAnyMore() throws Exception {
    kit.settings = new KindSettings(4, Duration.ofMillis(150), 3);
    kit.grace = Duration.ofMillis(150);
    Promise<String> told = Promise.promise();
    Promise<Void> late = Promise.promise();
    AtomicInteger runs = new AtomicInteger();
    kit.start(
        job -> {
          if (runs.incrementAndGet() > 1) {
            return DONE;
          }
          job.cancelled().onSuccess(told::complete);
          kit.vertx
              .timer(600, TimeUnit.MILLISECONDS)
              .compose(v -> job.write(tx -> tx.checkpoint("{\"late\":true}")))
              .onComplete(late);
          return Promise.<Outcome>promise().future();
        });
    List<Long> ids = kit.enqueue(1);
    assertEquals("its deadline passed", await(told.future()));
    kit.until("completed", ids);
    assertThrows(FencedException.class, () -> await(late.future()));
    assertEquals(0, number("select count(*) from job_progress where id = $1", ids.get(0)));
  }

  @Test
  void yieldsAndWaitsForQuotaSpendNoAttempt() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    kit.start(
        job -> {
          int run = runs.incrementAndGet();
          if (run > 12) {
            return DONE;
          }
          return run % 2 == 0
              ? Future.failedFuture(new QuotaWait(Instant.now().plusMillis(20), "quota"))
              : Future.succeededFuture(new Outcome.Yielded(Duration.ZERO, "slice"));
        });
    List<Long> ids = kit.enqueue(1);
    kit.until("completed", ids);
    assertEquals(0L, number("select failures::bigint from job_outcome where id = $1", ids.get(0)));
  }

  @Test
  void workCommittedWithItsCompletionIsDoneOnceEvenIfTheHandlerThenFails() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    kit.start(
        job -> {
          runs.incrementAndGet();
          return job.write(tx -> tx.complete("inside"))
              .compose(v -> Future.failedFuture("after the commit"));
        });
    List<Long> ids = kit.enqueue(1);
    kit.until("completed", ids);
    await(kit.vertx.timer(300, TimeUnit.MILLISECONDS));
    assertEquals(1, runs.get());
    assertEquals(
        "inside", one(String.class, "select note from job_outcome where id = $1", ids.get(0)));
  }

  @Test
  void aRunThatAdvancedBeforeItFailedIsNotPoison() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    kit.start(
        job -> {
          int run = runs.incrementAndGet();
          if (run == 6) {
            return DONE;
          }
          // Two failures without progress, then one with it: that one counts from nought.
          Future<Void> work =
              run == 3 ? job.write(tx -> tx.checkpoint("{}")) : Future.succeededFuture();
          return work.compose(v -> Future.failedFuture("it broke"));
        });
    List<Long> ids = kit.enqueue(1);
    kit.until("dead", ids);
    assertEquals(5, runs.get());
  }

  @Test
  void aHandlerThatBlocksItsLoopDelaysButBreaksNothing() throws Exception {
    kit.start(
        job -> {
          long end = System.nanoTime() + 100_000_000L;
          while (job.payload().n() == 0 && System.nanoTime() < end) {
            Thread.onSpinWait();
          }
          return DONE;
        });
    kit.until("completed", kit.enqueue(20));
  }

  @Test
  void withoutAnyWakeUpTheNextLookFindsTheWork() throws Exception {
    kit.start(job -> DONE);
    List<Long> ids =
        await(kit.jobs.enqueue(StoreTestKit.pool(), List.of(NewJob.of(1, kit.kind, "{\"n\":1}"))));
    kit.until("completed", ids);
  }

  @Test
  void whatCannotBeReadIsDeadAtOnceAndTheRestRuns() throws Exception {
    List<Long> broken = new java.util.ArrayList<>();
    for (int i = 0; i < 100; i++) {
      broken.addAll(
          await(kit.jobs.enqueue(StoreTestKit.pool(), List.of(NewJob.of(1, kit.kind, "[1]")))));
    }
    kit.start(job -> DONE);
    kit.until("completed", kit.enqueue(20));
    kit.until("dead", broken);
  }

  @Test
  void stoppingYieldsWhatRunsAndRunsNothingAfterwards() throws Exception {
    AtomicInteger started = new AtomicInteger();
    AtomicInteger elsewhere = new AtomicInteger();
    kit.start(
        job -> {
          started.incrementAndGet();
          Context own = Vertx.currentContext();
          return job.cancelled()
              .onSuccess(why -> elsewhere.addAndGet(Vertx.currentContext() == own ? 0 : 1))
              .map(why -> new Outcome.Yielded(Duration.ZERO, why));
        });
    List<Long> ids = kit.enqueue(40);
    kit.until("running", ids.subList(0, 1));
    kit.stop();
    assertEquals(0, kit.in("running", ids), "all given back");
    assertEquals(0, elsewhere.get(), "told on their own event loops");
    int before = started.get();
    await(kit.vertx.timer(100, TimeUnit.MILLISECONDS));
    assertEquals(before, started.get());
    assertEquals(
        0,
        number(
            "select count(*) from job_ready where failures > 0 and id = any($1)",
            (Object) ids.toArray(Long[]::new)));
  }

  @Test
  void stoppingInTheMiddleOfAClaimLosesNoAttempt() throws Exception {
    List<Long> ids = kit.enqueue(400);
    for (int i = 0; i < 20; i++) {
      kit.start(job -> Future.succeededFuture(new Outcome.Yielded(Duration.ZERO, "again")));
      await(kit.vertx.timer(1 + i % 5, TimeUnit.MILLISECONDS));
      kit.stop();
      assertEquals(0, kit.in("running", ids), "round " + i);
    }
  }

  @Test
  void twoProcessesShareTheWorkWithoutDoingAnyTwice() throws Exception {
    Map<Long, Integer> ran = new ConcurrentHashMap<>();
    kit.settings = new KindSettings(20, Duration.ofSeconds(20), 3);
    for (int i = 0; i < 2; i++) {
      kit.start(
          job -> {
            ran.merge(job.key().id(), 1, Integer::sum);
            return DONE;
          });
    }
    List<Long> ids = kit.enqueue(1_000);
    kit.until("completed", ids);
    assertEquals(1_000, ran.size());
    assertTrue(ran.values().stream().allMatch(n -> n == 1));
  }

  @Test
  void aJobWithoutABodyIsBuried() throws Exception {
    List<Long> ids =
        await(kit.jobs.enqueue(StoreTestKit.pool(), List.of(NewJob.of(1, kit.kind, "{\"n\":1}"))));
    StoreTestKit.run("update job_ready set payload = null where id = $1", ids.get(0));
    StoreTestKit.run("delete from job_body where id = $1", ids.get(0));
    kit.start(job -> DONE);
    kit.until("dead", ids);
    assertEquals(
        "payload", one(String.class, "select reason from job_dead where id = $1", ids.get(0)));
  }

  @Test
  void connectionsCutInMidRunCostNoJobAndDoubleNoOutcome() throws Exception {
    kit.settings = new KindSettings(20, Duration.ofSeconds(20), 50);
    kit.lease = Duration.ofSeconds(3);
    StoreTestKit.run("create table if not exists millrace.done_once (id bigint)");
    kit.start(
        job ->
            kit.vertx
                .timer(2, TimeUnit.MILLISECONDS)
                .compose(
                    t ->
                        job.write(
                            tx ->
                                tx.connection()
                                    .preparedQuery("insert into done_once values ($1)")
                                    .execute(io.vertx.sqlclient.Tuple.of(job.key().id()))
                                    .compose(v -> tx.complete(null))))
                .map(v -> new Outcome.Completed(null)));
    List<Long> ids = kit.enqueue(600);
    for (int i = 0; i < 6; i++) {
      await(kit.vertx.timer(60, TimeUnit.MILLISECONDS));
      StoreTestKit.cutConnections();
    }
    kit.until("completed", ids);
    assertEquals(
        ids.size(),
        number(
            "select count(*) from done_once where id = any($1)",
            (Object) ids.toArray(Long[]::new)));
  }
}
