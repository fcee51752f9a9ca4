package io.millrace.bench.peer;

import io.millrace.engine.Engine;
import io.millrace.engine.EngineSettings;
import io.millrace.engine.JobContext;
import io.millrace.engine.JobHandler;
import io.millrace.engine.KindSettings;
import io.millrace.engine.Outcome;
import io.millrace.store.Database;
import io.millrace.store.DatabaseSettings;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.NewJob;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * All that the benchmarks know of the engine's Java API, so that it may change without them. Every
 * method blocks, but for {@link #enqueueOne}.
 */
final class EngineUnderTest {
  /** The kind of every job here. */
  static final String KIND = "bench";

  /** A call of the bulk enqueue. */
  private static final int CALL = 10_000;

  private static final long PATIENCE_SECONDS = 600;

  /** The payload: which job it is. */
  record Numbered(int n) {}

  /**
   * How to run it.
   *
   * @param slots jobs that may run at once
   * @param users over whom the jobs are spread
   */
  record Settings(int slots, int users, int connections, Duration lease, Duration heartbeat) {
    /** With the lease that Millrace has by default. */
    static Settings of(int slots, int users, int connections) {
      return new Settings(
          slots, users, connections, Duration.ofSeconds(60), Duration.ofSeconds(20));
    }
  }

  private final Settings settings;
  private final Vertx vertx = Vertx.vertx();
  private final Database database;
  private final Jobs jobs;
  private Engine engine;

  EngineUnderTest(Address address, Settings settings) throws Exception {
    this.settings = settings;
    this.database =
        await(
            Database.open(
                vertx,
                new DatabaseSettings(
                    address.uri(), address.password(), null, settings.connections())));
    this.jobs = new Jobs(database.pool(), new Kinds(database.pool()));
  }

  /** Jobs numbered from 0, users taking turns. */
  void enqueue(int count) throws Exception {
    for (int from = 0; from < count; from += CALL) {
      List<NewJob> some = new ArrayList<>(CALL);
      for (int n = from; n < Math.min(count, from + CALL); n++) {
        some.add(job(n));
      }
      await(jobs.enqueue(database.pool(), some));
    }
  }

  /** One job, on a connection of its own, and the wake-up that the application would send. */
  Future<?> enqueueOne(int n) {
    return jobs.enqueue(database.pool(), List.of(job(n)))
        .onSuccess(v -> vertx.eventBus().publish(Engine.WAKE, ""));
  }

  private NewJob job(int n) {
    return NewJob.of(1 + n % settings.users(), KIND, "{\"n\":" + n + "}");
  }

  /** Begins to work: each job is given to the function by its number. */
  void start(Function<Integer, Future<Outcome>> work) throws Exception {
    JobHandler<Numbered> handler =
        new JobHandler<>() {
          @Override
          public String kind() {
            return KIND;
          }

          @Override
          public Class<Numbered> payload() {
            return Numbered.class;
          }

          @Override
          public Future<Outcome> run(JobContext<Numbered> job) {
            return work.apply(job.payload().n());
          }
        };
    engine =
        await(
            Engine.start(
                vertx,
                new EngineSettings(
                    settings.lease(),
                    settings.heartbeat(),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(60),
                    Map.of(KIND, new KindSettings(settings.slots(), Duration.ofMinutes(5), 5))),
                database,
                List.of(handler),
                Runtime.getRuntime().availableProcessors(),
                InstantSource.system(),
                RandomGenerator.getDefault()));
  }

  void stop() throws Exception {
    await(engine.stop());
  }

  void close() throws Exception {
    await(database.close());
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
