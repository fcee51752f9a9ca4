package io.millrace.bench.peer;

import io.millrace.engine.Engine;
import io.millrace.engine.EngineSettings;
import io.millrace.engine.EngineSetup;
import io.millrace.engine.JobContext;
import io.millrace.engine.JobHandler;
import io.millrace.engine.KindSettings;
import io.millrace.engine.Outcome;
import io.millrace.store.ClaimedJob;
import io.millrace.store.Database;
import io.millrace.store.DatabaseSettings;
import io.millrace.store.JobOptions;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.NewJob;
import io.millrace.store.Settlement;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * All that the benchmarks know of the engine's Java API, so that it may change without them. Every
 * method blocks, but for {@link #enqueueOne}.
 */
public final class EngineUnderTest {
  /** The kind of every job here but the blocked ones. */
  private static final String KIND = "bench";

  /** Where every job has a key: others keep the claim without limits. */
  private static final String KEYED_KIND = "bench-keyed";

  /** Of one key at once, which is more than ever run. */
  private static final int PER_KEY = 500;

  private static final String BLOCKED_KIND = "bench-blocked";
  private static final long BLOCKED_USER = 1_000_000;

  /** Of the blocked user, so that none of its others may. */
  private static final int RUNNING = 100;

  /** By what jobs at the head of the queue can be kept from running. */
  public enum Block {
    /** Their kind is paused, or all its slots are taken. */
    KIND,
    /** Their user has all the jobs running that are allowed. */
    USER,
    /** Their key has. */
    KEY
  }

  /** A call of the bulk enqueue. */
  private static final int CALL = 10_000;

  private static final int KEY_COUNT = 1_000;
  private static final int WORKER = 1;
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private static final long PATIENCE_SECONDS = 600;

  /** The payload: which job it is. */
  record Numbered(int n) {}

  /**
   * How to run it.
   *
   * @param slots jobs that may run at once
   * @param users over whom the jobs are spread
   * @param console none, shared or asking: as {@link ConsoleUnderTest#start} has it
   */
  public record Settings(
      int slots,
      int users,
      int connections,
      Duration lease,
      Duration heartbeat,
      boolean keyed,
      int hashPartitions,
      String console) {
    /** With the lease that Millrace has by default. */
    public static Settings of(int slots, int users, int connections) {
      return new Settings(
          slots,
          users,
          connections,
          Duration.ofSeconds(60),
          Duration.ofSeconds(20),
          false,
          1,
          "none");
    }
  }

  private final Settings settings;
  private final String kind;
  private final Vertx vertx = Vertx.vertx();
  private final Database database;
  private final Jobs jobs;
  private Engine engine;
  private int console;
  private boolean limited;

  /** Opens the database, whose schema it makes. */
  public EngineUnderTest(Address address, Settings settings) throws Exception {
    this.settings = settings;
    this.kind = settings.keyed() ? KEYED_KIND : KIND;
    this.database =
        await(
            Database.open(
                vertx,
                new DatabaseSettings(
                        address.uri(), address.password(), null, settings.connections())
                    .withHashPartitions(settings.hashPartitions())));
    this.jobs = new Jobs(database.pool(), new Kinds(database.pool()));
    if (settings.keyed()) {
      run(
          "select define_limits('{\"%s\":{\"max_per_key\":%d}}', '{}', '{}')"
              .formatted(kind, PER_KEY));
    }
  }

  /** Jobs numbered from 0, users taking turns. */
  public void enqueue(int count) throws Exception {
    enqueue(count, this::job);
  }

  /** Jobs of one user. */
  public void enqueueFor(long user, int count) throws Exception {
    enqueue(count, n -> NewJob.of(user, kind, payload(n)));
  }

  /** Jobs that come before all others and that nobody may run now. */
  public void enqueueBlocked(Block by, int count) throws Exception {
    switch (by) {
      case KIND -> {
        enqueue(count, n -> NewJob.of(1 + n % settings.users(), BLOCKED_KIND, payload(n)));
        run("update job_kind set paused = true where name = '" + BLOCKED_KIND + "'");
      }
      case USER -> {
        enqueue(count, n -> NewJob.of(BLOCKED_USER, kind, payload(n)).priority(10));
        run("update job_kind set max_per_user = " + RUNNING + " where name = '" + kind + "'");
        limited = true;
        claim(RUNNING);
      }
      case KEY -> {
        enqueue(
            count,
            n ->
                NewJob.of(1 + n % settings.users(), kind, payload(n))
                    .priority(10)
                    .with(JobOptions.NONE.limitKey("closed")));
        run("insert into job_limit (key, max_running) values ('closed', 0)");
        limited = true;
      }
    }
  }

  private void run(String sql) throws Exception {
    await(database.pool().query(sql).execute());
  }

  private void enqueue(int count, IntFunction<NewJob> make) throws Exception {
    for (int from = 0; from < count; from += CALL) {
      List<NewJob> some = new ArrayList<>(CALL);
      for (int n = from; n < Math.min(count, from + CALL); n++) {
        some.add(make.apply(n));
      }
      await(jobs.enqueue(database.pool(), some));
    }
  }

  /** One job, as the application would enqueue it; only after {@link #start}. */
  Future<?> enqueueOne(int n) {
    return engine.enqueuer().enqueue(List.of(job(n)));
  }

  private NewJob job(int n) {
    NewJob job = NewJob.of(1 + n % settings.users(), kind, payload(n));
    return settings.keyed() ? job.with(JobOptions.NONE.limitKey("key-" + n % KEY_COUNT)) : job;
  }

  private static String payload(int n) {
    return "{\"n\":" + n + "}";
  }

  /**
   * What one claim brought.
   *
   * @param nanos how long it took
   * @param users whose jobs they are, in the order of the claim
   */
  public record Claim(long nanos, List<Long> users, List<ClaimedJob> jobs) {}

  /** Claims jobs as the engine does, without the engine. */
  public Claim claim(int most) throws Exception {
    long from = System.nanoTime();
    List<Jobs.Want> want = List.of(new Jobs.Want(kind, most, TIMEOUT.toMillis(), Long.MIN_VALUE));
    List<ClaimedJob> claimed =
        limited ? await(jobs.claimLimited(WORKER, want)).jobs() : await(jobs.claim(WORKER, want));
    return new Claim(
        System.nanoTime() - from, claimed.stream().map(j -> j.key().user()).toList(), claimed);
  }

  /** Completes what was claimed. */
  public void finish(Claim claim) throws Exception {
    List<Settlement> done = new ArrayList<>();
    claim.jobs().forEach(j -> done.add(new Settlement.Finished(j.key(), "completed", null)));
    await(jobs.endings().settle(done));
  }

  /** Begins to work: each job is given to the function by its number. */
  void start(Function<Integer, Future<Outcome>> work) throws Exception {
    JobHandler<Numbered> handler =
        new JobHandler<>() {
          @Override
          public String kind() {
            return kind;
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
                database,
                EngineSetup.of(
                    new EngineSettings(
                        settings.lease(),
                        settings.heartbeat(),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(60),
                        Map.of(kind, new KindSettings(settings.slots(), TIMEOUT, 5))),
                    List.of(handler))));
    if (console == 0 && !settings.console().equals("none")) {
      boolean shared = settings.console().equals("shared");
      console = await(ConsoleUnderTest.start(vertx, database, engine, shared));
    }
  }

  /** The port of the console, which is there from the first start on. */
  int console() {
    return console;
  }

  void stop() throws Exception {
    await(engine.stop());
  }

  /** Closes its connections. */
  public void close() throws Exception {
    await(database.close());
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
