package io.millrace.chaos;

import ch.qos.logback.classic.Level;
import io.millrace.engine.Engine;
import io.millrace.engine.EngineSettings;
import io.millrace.engine.EngineSetup;
import io.millrace.engine.JobContext;
import io.millrace.engine.JobHandler;
import io.millrace.engine.JobTransaction;
import io.millrace.engine.KindSettings;
import io.millrace.engine.Outcome;
import io.millrace.store.Database;
import io.millrace.store.DatabaseSettings;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.NewJob;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An engine in a process of its own, whose handlers make loss and duplicates visible. All that
 * these tests know of the engine's API stands here.
 *
 * <p>Arguments are {@code key=value}; see {@link #DEFAULTS}. The password comes by {@code
 * CHAOS_PASSWORD}.
 */
public final class EngineProcess {
  private static final Logger log = LoggerFactory.getLogger(EngineProcess.class);
  private static final Map<String, String> DEFAULTS =
      Map.of(
          "kinds", "plain,once,steps,held,flaky,deadlock",
          "leaseMs", "3000",
          "pollMs", "200",
          "slots", "8",
          "attempts", "5",
          "timeoutMs", "20000",
          "poolSize", "8",
          "statementMs", "5000",
          "clockShift", "PT0S");

  private static final String MARKS =
      """
      create schema chaos;
      create table chaos.effect (job bigint not null, run integer not null, step integer not null,
                                 at timestamptz not null default clock_timestamp());
      create table chaos.pair (id integer primary key, taken integer not null);
      insert into chaos.pair values (0, 0), (1, 0)""";

  private EngineProcess() {}

  /**
   * What the jobs are enqueued with.
   *
   * @param n a number that the kind may use
   * @param ms how long it takes
   */
  record Work(int n, long ms) {}

  /** A kind that does what a function says, and says itself that it began. */
  record Kind(String kind, Function<JobContext<Work>, Future<Outcome>> work)
      implements JobHandler<Work> {
    @Override
    public Class<Work> payload() {
      return Work.class;
    }

    @Override
    public Future<Outcome> run(JobContext<Work> job) {
      log.info("began {} {} run {}", kind, job.key().id(), job.key().run());
      return work.apply(job);
    }
  }

  /** Makes the data directory of an embedded server with the schema, and the tables for marks. */
  static void prepare(Path directory) throws Exception {
    Vertx vertx = Vertx.vertx();
    DatabaseSettings embedded = new DatabaseSettings(null, null, directory, 4);
    Database database = await(Database.open(vertx, embedded));
    await(database.pool().query(MARKS).execute());
    await(database.close());
    await(vertx.close());
  }

  static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  /** Enqueues jobs as any program would; on a pool that the caller owns. */
  static Future<List<Long>> enqueue(Pool pool, List<NewJob> jobs) {
    return new Jobs(pool, new Kinds(pool)).enqueue(pool, jobs);
  }

  static NewJob job(String kind, int n, long ms) {
    return NewJob.of(n % 7, kind, new JsonObject().put("n", n).put("ms", ms).encode());
  }

  /** Runs until it is told to stop, or dies. */
  public static void main(String[] arguments) {
    ((ch.qos.logback.classic.Logger) LoggerFactory.getLogger("io.millrace")).setLevel(Level.INFO);
    Map<String, String> options = new HashMap<>(DEFAULTS);
    for (String argument : arguments) {
      options.put(argument.split("=", 2)[0], argument.split("=", 2)[1]);
    }
    Vertx vertx = Vertx.vertx();
    Database.open(vertx, database(options))
        .compose(database -> start(vertx, options, database))
        .onSuccess(
            engine -> {
              Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(engine)));
              log.info("ready after {} ms", ManagementFactory.getRuntimeMXBean().getUptime());
            })
        .onFailure(
            e -> {
              log.error("cannot start", e);
              Runtime.getRuntime().halt(1);
            });
  }

  private static DatabaseSettings database(Map<String, String> options) {
    return new DatabaseSettings(
        options.get("uri"),
        System.getenv("CHAOS_PASSWORD"),
        null,
        Integer.parseInt(options.get("poolSize")),
        millis(options, "statementMs"),
        millis(options, "leaseMs"),
        1);
  }

  private static Future<Engine> start(Vertx vertx, Map<String, String> options, Database database) {
    Duration lease = millis(options, "leaseMs");
    KindSettings each =
        new KindSettings(
            Integer.parseInt(options.get("slots")),
            millis(options, "timeoutMs"),
            Integer.parseInt(options.get("attempts")));
    List<String> known = List.of(options.get("kinds").split(","));
    Map<String, KindSettings> kinds = new HashMap<>();
    known.forEach(k -> kinds.put(k, each));
    EngineSettings settings =
        new EngineSettings(
            lease,
            lease.dividedBy(3),
            millis(options, "pollMs"),
            Duration.ofMillis(100),
            Duration.ofMillis(500),
            kinds);
    InstantSource clock =
        InstantSource.offset(InstantSource.system(), Duration.parse(options.get("clockShift")));
    List<JobHandler<?>> handlers =
        handlers(vertx).filter(h -> known.contains(h.kind())).<JobHandler<?>>map(h -> h).toList();
    return Engine.start(vertx, database, EngineSetup.of(settings, handlers).clock(clock));
  }

  private static Duration millis(Map<String, String> options, String name) {
    return Duration.ofMillis(Long.parseLong(options.get(name)));
  }

  private static void stop(Engine engine) {
    try {
      engine.stop().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
      log.info("stopped");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.error("not stopped", e);
    }
  }

  private static Stream<Kind> handlers(Vertx vertx) {
    Function<JobContext<Work>, Future<Outcome>> once =
        job -> after(vertx, job.payload().ms()).compose(v -> effect(job));
    return Stream.of(
        // Settled by the engine, not by its own transaction.
        new Kind(
            "plain", job -> after(vertx, job.payload().ms()).map(v -> new Outcome.Completed(null))),
        new Kind("once", once),
        new Kind("rare", once),
        new Kind("steps", job -> steps(vertx, job, step(job))),
        new Kind("held", job -> effect(job, "select pg_sleep(%f)", job.payload().ms() / 1000.0)),
        new Kind(
            "flaky",
            job ->
                job.failures() == 0 ? Future.failedFuture("the first attempt fails") : effect(job)),
        new Kind("deadlock", EngineProcess::deadlock),
        new Kind(
            "poison",
            job -> {
              Runtime.getRuntime().halt(134);
              return Future.failedFuture("it lives");
            }));
  }

  private static Future<Void> after(Vertx vertx, long ms) {
    return ms <= 0
        ? Future.succeededFuture()
        : vertx.timer(ms, TimeUnit.MILLISECONDS).<Void>mapEmpty();
  }

  /** Leaves its mark and completes, in one transaction: exactly once, whatever happens. */
  private static Future<Outcome> effect(JobContext<Work> job) {
    return effect(job, "select %f", 0);
  }

  private static Future<Outcome> effect(JobContext<Work> job, String before, double number) {
    return job.<Void>write(
            tx ->
                tx.connection()
                    .query(before.formatted(number))
                    .execute()
                    .compose(v -> mark(tx, job, 0))
                    .compose(v -> tx.complete("done")))
        .map(v -> new Outcome.Completed("done"));
  }

  private static Future<Void> mark(JobTransaction tx, JobContext<Work> job, int step) {
    return tx.connection()
        .preparedQuery("insert into chaos.effect (job, run, step) values ($1, $2, $3)")
        .execute(Tuple.of(job.key().id(), job.key().run(), step))
        .mapEmpty();
  }

  private static int step(JobContext<Work> job) {
    return job.checkpoint() == null ? 0 : new JsonObject(job.checkpoint()).getInteger("step");
  }

  /** So many steps, each with its mark and the checkpoint behind it in one transaction. */
  private static Future<Outcome> steps(Vertx vertx, JobContext<Work> job, int done) {
    if (done == job.payload().n()) {
      return Future.succeededFuture(new Outcome.Completed("done"));
    }
    return after(vertx, job.payload().ms())
        .compose(
            v ->
                job.<Void>write(
                    tx ->
                        mark(tx, job, done + 1)
                            .compose(
                                w ->
                                    tx.checkpoint(
                                        new JsonObject().put("step", done + 1).encode()))))
        .compose(v -> steps(vertx, job, done + 1));
  }

  /** Takes two rows, odd jobs in the other order. */
  private static Future<Outcome> deadlock(JobContext<Work> job) {
    int first = job.payload().n() % 2;
    return job.<Void>write(
            tx ->
                take(tx, first)
                    .compose(v -> tx.connection().query("select pg_sleep(0.05)").execute())
                    .compose(v -> take(tx, 1 - first))
                    .compose(v -> mark(tx, job, 0))
                    .compose(v -> tx.complete("done")))
        .map(v -> new Outcome.Completed("done"));
  }

  private static Future<Void> take(JobTransaction tx, int row) {
    return tx.connection()
        .preparedQuery("update chaos.pair set taken = taken + 1 where id = $1")
        .execute(Tuple.of(row))
        .mapEmpty();
  }
}
