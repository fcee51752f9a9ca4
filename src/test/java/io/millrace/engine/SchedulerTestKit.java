package io.millrace.engine;

import static io.millrace.store.StoreTestKit.await;

import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.Misfire;
import io.millrace.store.Schedule;
import io.millrace.store.Schedules;
import io.millrace.store.ShiftedDatabase;
import io.millrace.store.StoreTestKit;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Schedulers over one database, each with a clock of its own choosing. */
final class SchedulerTestKit {
  private static final AtomicLong USER = new AtomicLong(System.nanoTime());
  static final String KIND = "scheduled_test";

  final Vertx vertx = StoreTestKit.VERTX;
  final Schedules schedules = new Schedules(StoreTestKit.pool());
  final long user = USER.incrementAndGet();
  Duration poll = Duration.ofMillis(100);
  private final List<Pool> pools = new ArrayList<>();
  private final Scheduler definer =
      new Scheduler(
          StoreTestKit.pool(),
          new Jobs(StoreTestKit.pool(), new Kinds(StoreTestKit.pool())),
          Set.of(KIND),
          List.of(),
          poll);
  private final List<String> deployed = new ArrayList<>();

  SchedulerTestKit() throws Exception {
    StoreTestKit.run("truncate schedule");
  }

  /** One more process, whose database's time is ahead by so much. */
  void start(String shift, Schedule... configured) throws Exception {
    Pool pool = ShiftedDatabase.pool(shift, "scheduler");
    pools.add(pool);
    Scheduler scheduler =
        new Scheduler(
            pool, new Jobs(pool, new Kinds(pool)), Set.of(KIND), List.of(configured), poll);
    deployed.add(await(vertx.deployVerticle(scheduler)));
  }

  /** Defines schedules as of now; nobody runs them yet. */
  void define(Schedule... wanted) throws Exception {
    await(definer.define(List.of(wanted)));
  }

  Schedule every(String name, String interval, Misfire misfire) {
    return new Schedule(name, user, KIND, 0, "{}", "every: " + interval, "UTC", misfire, false);
  }

  /** The due times of the runs of a schedule that were enqueued, in order; twice if twice. */
  List<Instant> runs(String name) throws Exception {
    List<Instant> runs = new ArrayList<>();
    String prefix = "schedule:" + name + ":";
    for (Row row :
        StoreTestKit.rows(
            "select dedup_key from job_body where user_id = $1 and starts_with(dedup_key, $2)",
            user,
            prefix)) {
      runs.add(Instant.parse(row.getString(0).substring(prefix.length())));
    }
    runs.sort(null);
    return runs;
  }

  Schedules.State state(String name) throws Exception {
    return await(schedules.list("", 1_000)).stream()
        .filter(s -> s.schedule().name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Whether nothing is due by the clock of a scheduler that is ahead by so much. */
  boolean caughtUp(String shift) throws Exception {
    return StoreTestKit.number(
            "select count(*) from schedule where not paused and next_at <= clock() + $1::text::interval",
            shift)
        == 0;
  }

  void until(String what, Callable<Boolean> holds) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(25);
    while (!holds.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within 25 s: " + what);
      }
      await(vertx.timer(20, TimeUnit.MILLISECONDS));
    }
  }

  /** Stops the schedulers; the database stays as it is. */
  void stop() throws Exception {
    while (!deployed.isEmpty()) {
      await(vertx.undeploy(deployed.remove(0)));
    }
  }

  void close() throws Exception {
    stop();
    for (Pool pool : pools) {
      await(pool.close());
    }
    StoreTestKit.run("truncate schedule");
  }
}
