package io.millrace.engine;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.ClaimedJob;
import io.millrace.store.RunKey;
import io.millrace.store.Settlement;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How a run's end, and who wanted it, become one settlement. */
@Timeout(30)
class VerdictTest {
  private static final Stop CANCEL = new Stop(Stop.Why.CANCELLED, "nobody wants it");
  private static final Stop SHUTDOWN = new Stop(Stop.Why.SHUTDOWN, "the process stops");

  private final EngineTestKit kit = new EngineTestKit();
  private RunWatch watch;

  @AfterEach
  void close() throws Exception {
    watch.close();
    kit.close();
  }

  @Test
  void aCancelIsFinalWhateverTheHandlerMakesOfIt() throws Exception {
    for (Function<JobContext<EngineTestKit.Payload>, Future<Outcome>> handler :
        List.<Function<JobContext<EngineTestKit.Payload>, Future<Outcome>>>of(
            job -> Promise.<Outcome>promise().future(),
            job -> job.cancelled().compose(why -> Future.failedFuture(why)),
            job -> job.cancelled().map(why -> new Outcome.Yielded(Duration.ZERO, why)),
            job ->
                job.cancelled().map(why -> new Outcome.Retried(new IllegalStateException(why))))) {
      Settlement end = run(handler, job(null, null), CANCEL);
      assertEquals("cancelled", assertInstanceOf(Settlement.Finished.class, end).state());
      assertEquals("nobody wants it", ((Settlement.Finished) end).note());
    }
    // A cancel goes before the process's stop, which came first.
    Settlement both =
        run(job -> Promise.<Outcome>promise().future(), job(null, null), SHUTDOWN, CANCEL);
    assertEquals("cancelled", assertInstanceOf(Settlement.Finished.class, both).state());
    Settlement done =
        run(
            job -> job.cancelled().map(why -> new Outcome.Completed("all the same")),
            job(null, null),
            CANCEL);
    assertEquals("completed", assertInstanceOf(Settlement.Finished.class, done).state());
  }

  @Test
  void whatFailsBecauseTheProcessStopsSpendsNoAttempt() throws Exception {
    Settlement end =
        run(
            job -> job.cancelled().compose(why -> Future.failedFuture(why)),
            job(null, null),
            SHUTDOWN);
    Settlement.Postponed later = assertInstanceOf(Settlement.Postponed.class, end);
    assertTrue(!later.attemptSpent() && later.delayMs() == 0 && later.error() == null);
  }

  @Test
  void aJobPastItsOwnDeadlineIsNeitherRunNorTriedAgain() throws Exception {
    Promise<Void> ran = Promise.promise();
    Settlement missed =
        run(
            job -> {
              ran.complete();
              return Future.succeededFuture(new Outcome.Completed(null));
            },
            job(0L, null));
    assertEquals("deadline", assertInstanceOf(Settlement.Buried.class, missed).reason());
    assertTrue(!ran.future().isComplete());
    Settlement late = run(job -> Promise.<Outcome>promise().future(), job(100L, null));
    assertEquals("deadline", assertInstanceOf(Settlement.Buried.class, late).reason());
    assertEquals(
        "timeout", new JsonObject(((Settlement.Buried) late).error()).getString("failure"));
    Settlement wait =
        run(
            job -> Future.succeededFuture(new Outcome.Yielded(Duration.ofHours(5), "slice")),
            job(60_000L, null));
    assertTrue(assertInstanceOf(Settlement.Postponed.class, wait).delayMs() <= 60_000);
  }

  @Test
  void refusalsAreWaitedForUntilThereAreTooMany() throws Exception {
    Function<JobContext<EngineTestKit.Payload>, Future<Outcome>> refused =
        job -> Future.failedFuture(new JobFailure(FailureClass.RATE_LIMIT, "slow down"));
    Settlement.Postponed first =
        assertInstanceOf(Settlement.Postponed.class, run(refused, job(null, null)));
    assertTrue(!first.attemptSpent());
    JsonObject error = new JsonObject(first.error());
    assertEquals("rateLimit", error.getString("failure"));
    String history = "[" + (first.error() + ",").repeat(9) + first.error() + "]";
    Settlement.Postponed eleventh =
        assertInstanceOf(Settlement.Postponed.class, run(refused, job(null, history)));
    assertTrue(eleventh.attemptSpent(), "nothing is waited for without end");
  }

  private ClaimedJob job(Long remainingMs, String attempts) {
    return new ClaimedJob(
        new RunKey(9, 1, 1),
        LocalDate.EPOCH,
        kit.kind,
        0L,
        0,
        "{\"n\":1}",
        null,
        null,
        remainingMs,
        attempts);
  }

  private Settlement run(
      Function<JobContext<EngineTestKit.Payload>, Future<Outcome>> work,
      ClaimedJob job,
      Stop... stops)
      throws Exception {
    EngineSettings settings =
        new EngineSettings(
            kit.lease,
            kit.lease,
            kit.poll,
            Duration.ofMillis(100),
            kit.blocked,
            kit.failures,
            Map.of(kit.kind, kit.settings));
    EngineTestKit.Handler handler = new EngineTestKit.Handler(kit.kind, work);
    if (watch == null) {
      watch = new RunWatch(List.of(kit.vertx.getOrCreateContext()), settings);
    }
    RunTools tools =
        new RunTools(
            kit.vertx,
            settings,
            pool(),
            kit.jobs,
            Enqueuer.of(kit.vertx, pool(), kit.jobs, List.of(handler)),
            (key, progress) -> Future.succeededFuture(),
            new HandlerThreads(kit.vertx, settings),
            watch,
            InstantSource.system(),
            new Random(1));
    JobRun<EngineTestKit.Payload> run =
        new JobRun<>(
            job,
            new KnownKind<>(handler, PayloadForm.of(handler)),
            tools,
            RunObserver.Seen.NOTHING);
    Future<java.util.Optional<Settlement>> end = run.begin();
    if (stops.length > 0) {
      await(kit.vertx.timer(30, java.util.concurrent.TimeUnit.MILLISECONDS));
    }
    for (Stop stop : stops) {
      run.stop(stop);
    }
    return await(end).orElseThrow();
  }
}
