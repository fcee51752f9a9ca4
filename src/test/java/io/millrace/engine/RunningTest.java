package io.millrace.engine;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static io.millrace.store.StoreTestKit.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.FencedException;
import io.millrace.store.StoreTestKit;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A run is told when to end, has a grace to do so, and ends whether it does or not. */
@Timeout(60)
class RunningTest {
  private static final Future<Outcome> DONE = Future.succeededFuture(new Outcome.Completed("done"));
  private static final Future<Outcome> NEVER = Promise.<Outcome>promise().future();

  private final EngineTestKit kit = new EngineTestKit();

  @AfterEach
  void close() throws Exception {
    kit.close();
  }

  private void quick() {
    kit.settings = new KindSettings(4, Duration.ofMillis(150), 3);
    kit.grace = Duration.ofMillis(200);
  }

  @Test
  void inItsGraceARunMayLeaveACheckpointAndYield() throws Exception {
    quick();
    AtomicInteger runs = new AtomicInteger();
    kit.start(
        job ->
            runs.incrementAndGet() > 1
                ? Future.succeededFuture(new Outcome.Completed(job.checkpoint()))
                : job.cancelled()
                    .compose(v -> job.write(tx -> tx.checkpoint("{\"at\": 7}")))
                    .map(new Outcome.Yielded(Duration.ZERO, "slice")));
    List<Long> ids = kit.enqueue(1);
    kit.until("completed", ids);
    assertEquals(
        "{\"at\": 7}", one(String.class, "select note from job_outcome where id = $1", ids.get(0)));
    assertEquals(0L, number("select failures::bigint from job_outcome where id = $1", ids.get(0)));
  }

  @Test
  void atTheDeadlineWhatIsBeingWrittenIsTakenBackBeforeTheRetry() throws Exception {
    quick();
    StoreTestKit.run("create table if not exists millrace.slow_write (id bigint, run int)");
    AtomicInteger runs = new AtomicInteger();
    Promise<Void> first = Promise.promise();
    kit.start(
        job -> {
          if (runs.incrementAndGet() > 1) {
            return DONE;
          }
          job.write(
                  tx ->
                      tx.connection()
                          .query("insert into slow_write values (1, 1)")
                          .execute()
                          .compose(
                              v -> tx.connection().query("select pg_sleep(30), 'mr'").execute()))
              .<Void>mapEmpty()
              .onComplete(first);
          return NEVER;
        });
    List<Long> ids = kit.enqueue(3);
    assertThrows(FencedException.class, () -> await(first.future()));
    long openAtRetry =
        number(
            "select count(*) from pg_stat_activity where query like 'select pg_sleep(30)%mr%' and state = 'active'");
    kit.until("completed", ids);
    assertEquals(0, openAtRetry, "PostgreSQL has stopped too");
    assertEquals(0, number("select count(*) from slow_write"));
  }

  @Test
  void aTransactionThatIsLeftOpenHoldsNobodyUp() throws Exception {
    quick();
    kit.start(
        job ->
            job.payload().n() > 0 || job.failures() > 0
                ? DONE
                : job.write(tx -> Promise.<Outcome>promise().future()));
    kit.until("completed", kit.enqueue(40));
  }

  @Test
  void aConnectionIsOfNoUseAfterItsTransaction() throws Exception {
    Promise<JobTransaction> kept = Promise.promise();
    kit.start(
        job ->
            job.write(
                    tx -> {
                      kept.tryComplete(tx);
                      return Future.succeededFuture();
                    })
                .compose(v -> DONE));
    kit.until("completed", kit.enqueue(1));
    JobTransaction tx = await(kept.future());
    assertThrows(
        Exception.class,
        () -> await(tx.connection().query("select 'outside the fence'").execute()));
  }

  @Test
  void anHttpRequestIsResetWhenTheRunShouldEnd() throws Exception {
    quick();
    Promise<Void> reset = Promise.promise();
    HttpServer server =
        await(
            kit.vertx
                .createHttpServer()
                .requestHandler(request -> request.connection().closeHandler(reset::tryComplete))
                .listen(0, "127.0.0.1"));
    HttpClient client = kit.vertx.createHttpClient();
    AtomicInteger runs = new AtomicInteger();
    kit.start(
        job ->
            runs.incrementAndGet() > 1
                ? DONE
                : client
                    .request(HttpMethod.GET, server.actualPort(), "127.0.0.1", "/slow")
                    .compose(
                        request ->
                            job.stoppable(
                                request.send(),
                                () -> request.reset().onFailure(e -> job.log().debug("gone", e))))
                    .map(new Outcome.Completed("an answer")));
    List<Long> ids = kit.enqueue(1);
    await(reset.future());
    kit.until("completed", ids);
    await(client.close());
    await(server.close());
  }

  @Test
  void aHandlerThatBlocksItsLoopForGoodIsGivenUpAndOthersGoOn() throws Exception {
    quick();
    kit.blocked = Duration.ofMillis(100);
    kit.settings = new KindSettings(50, Duration.ofMillis(400), 3);
    AtomicLong until = new AtomicLong();
    AtomicInteger meanwhile = new AtomicInteger();
    try (LogLines lines = LogLines.of(RunWatch.class)) {
      kit.start(
          job -> {
            if (job.payload().n() == 0 && until.get() == 0) {
              until.set(System.nanoTime() + 850_000_000L);
              while (System.nanoTime() < until.get()) {
                Thread.onSpinWait();
              }
            }
            meanwhile.addAndGet(until.get() == 0 || System.nanoTime() < until.get() ? 1 : 0);
            return DONE;
          });
      List<Long> ids = kit.enqueue(30);
      kit.until("completed", ids);
      assertTrue(meanwhile.get() >= 29, meanwhile + " did not wait for it");
      assertEquals(
          1L, number("select failures::bigint from job_outcome where id = $1", ids.get(0)));
      assertTrue(
          lines.all().stream()
              .anyMatch(
                  l ->
                      l.contains("job " + ids.get(0) + " of kind " + kit.kind)
                          && l.contains(RunningTest.class.getName())),
          lines.all().toString());
      while (System.nanoTime() < until.get()) {
        await(kit.vertx.timer(20, TimeUnit.MILLISECONDS));
      }
    }
  }

  @Test
  void aRunThatDoesNotListenWhenTheProcessStopsSpendsNoAttempt() throws Exception {
    kit.grace = Duration.ofMillis(200);
    kit.start(job -> NEVER);
    List<Long> ids = kit.enqueue(2);
    kit.until("running", ids);
    kit.stop();
    kit.until("ready", ids);
    assertEquals(
        0,
        number(
            "select sum(failures)::bigint from job_ready where id = any($1)",
            (Object) ids.toArray(Long[]::new)));
  }

  @Test
  void innerTimeoutsEndBeforeTheOuterOne() throws Exception {
    Promise<List<Duration>> seen = Promise.promise();
    kit.start(
        job -> {
          seen.tryComplete(
              List.of(
                  job.within(Duration.ofMinutes(5)),
                  job.within(Duration.ofMillis(5)),
                  job.remaining()));
          assertTrue(job.deadline().isAfter(Instant.now()));
          return DONE;
        });
    kit.until("completed", kit.enqueue(1));
    List<Duration> got = await(seen.future());
    assertTrue(got.get(0).compareTo(got.get(2)) < 0);
    assertEquals(Duration.ofMillis(5), got.get(1));
  }

  @Test
  void aRetryComesNeverBeforeItsTime() throws Exception {
    AtomicLong failedAt = new AtomicLong();
    AtomicLong againAt = new AtomicLong();
    kit.start(
        job -> {
          if (failedAt.get() == 0) {
            failedAt.set(System.currentTimeMillis());
            return Future.failedFuture(
                new JobFailure(
                    FailureClass.RATE_LIMIT,
                    "slow down",
                    Instant.ofEpochMilli(failedAt.get() + 700),
                    null));
          }
          againAt.compareAndSet(0, System.currentTimeMillis());
          return DONE;
        });
    List<Long> ids = kit.enqueue(1);
    kit.until("completed", ids);
    assertTrue(againAt.get() - failedAt.get() >= 700, "" + (againAt.get() - failedAt.get()));
    assertEquals(0L, number("select failures::bigint from job_outcome where id = $1", ids.get(0)));
  }

  @Test
  void whatCannotBeMendedIsDeadAtOnceWithItsWholeRecord() throws Exception {
    kit.start(
        job ->
            Future.failedFuture(
                new JobFailure(
                    job.payload().n() == 0 ? FailureClass.PERMANENT : FailureClass.DATA,
                    "token=abcdefgh is of no use",
                    null,
                    new IllegalStateException("the cause"))));
    List<Long> ids = kit.enqueue(2);
    kit.until("dead", ids);
    JsonObject error =
        (JsonObject)
            rows("select error from job_dead where id = $1", ids.get(0)).get(0).getValue(0);
    assertEquals("permanent", error.getString("failure"));
    assertEquals(1, error.getInteger("attempt"));
    assertFalse(error.getBoolean("retryable"));
    assertFalse(error.encode().contains("abcdefgh"));
    assertEquals("the cause", error.getJsonArray("causes").getJsonObject(0).getString("message"));
    assertEquals(kit.kind, error.getJsonObject("context").getString("kind"));
    assertEquals(
        "data", one(String.class, "select reason from job_dead where id = $1", ids.get(1)));
  }

  @Test
  void aPayloadThatTheKindDoesNotAcceptIsDeadAndNeverRun() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    List<Long> ids =
        await(
            kit.jobs.enqueue(
                StoreTestKit.pool(),
                List.of(
                    io.millrace.store.NewJob.of(1, kit.kind, "{\"n\":\"one\"}"),
                    io.millrace.store.NewJob.of(1, kit.kind, "{\"n\":1,\"m\":1}"))));
    kit.start(
        job -> {
          runs.incrementAndGet();
          return DONE;
        });
    kit.until("dead", ids);
    assertEquals(0, runs.get());
    JsonObject error =
        (JsonObject)
            rows("select error from job_dead where id = $1", ids.get(0)).get(0).getValue(0);
    assertEquals("$.n", error.getJsonObject("context").getString("path"));
    assertEquals(
        "payload", one(String.class, "select reason from job_dead where id = $1", ids.get(1)));
  }

  @Test
  void whatOverflowsTheStackOrTheMindIsContained() throws Exception {
    kit.start(
        job -> {
          if (job.payload().n() == 0) {
            endless(0);
          } else if (job.payload().n() == 1) {
            throw new OutOfMemoryError("so it says");
          } else if (job.payload().n() == 2) {
            return Future.failedFuture(new TimeoutException("late"));
          }
          return DONE;
        });
    List<Long> ids = kit.enqueue(10);
    kit.until("dead", ids.subList(0, 3));
    kit.until("completed", ids.subList(3, 10));
  }

  private static int endless(int n) {
    return n == Integer.MAX_VALUE ? n : endless(n + 1) + 1;
  }
}
