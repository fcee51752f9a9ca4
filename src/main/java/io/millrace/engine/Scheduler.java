package io.millrace.engine;

import io.millrace.store.Jobs;
import io.millrace.store.Misfire;
import io.millrace.store.NewJob;
import io.millrace.store.Schedule;
import io.millrace.store.Schedules;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Enqueues the jobs of schedules when they are due, one instance a process. Any number of them
 * share a database: whoever locks a due schedule enqueues its jobs and moves it on in one
 * transaction, so each run is enqueued once, whoever dies when.
 *
 * <p>Only the database's clock says what is due. The timer is armed for the time until then, at
 * most for a poll, so that what other processes changed is seen.
 */
public final class Scheduler extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(Scheduler.class);
  private static final int BATCH = 100;
  private static final int STOP_SECONDS = 5;

  private final Pool pool;
  private final Jobs jobs;
  private final Schedules schedules;
  private final Set<String> kinds;
  private final List<Schedule> configured;
  private final long pollMs;
  private int batch = BATCH;
  private long timer = -1;
  private boolean looking;
  private Promise<Void> stopped;

  /**
   * @param kinds that may be scheduled
   * @param configured to be defined at the start
   * @param poll the longest time between two looks
   */
  public Scheduler(
      Pool pool, Jobs jobs, Set<String> kinds, List<Schedule> configured, Duration poll) {
    this.pool = pool;
    this.jobs = jobs;
    this.schedules = new Schedules(pool);
    this.kinds = Set.copyOf(kinds);
    this.configured = List.copyOf(configured);
    this.pollMs = poll.toMillis();
  }

  @Override
  public Future<?> start() {
    return define(configured).onSuccess(v -> arm(1));
  }

  /**
   * Makes schedules known by name, or changes them; see {@link Schedules#define}. Schedules that
   * are not named stay. May be called from any thread.
   *
   * @return fails with {@link IllegalArgumentException} if one of them is wrong; then none is
   *     defined
   */
  public Future<Void> define(List<Schedule> wanted) {
    if (wanted.isEmpty()) {
      return Future.succeededFuture();
    }
    return schedules
        .clock()
        .compose(
            now ->
                schedules.define(
                    wanted.stream().map(schedule -> checked(schedule, now)).toList(), now));
  }

  private Schedules.Definition checked(Schedule schedule, Instant now) {
    if (!kinds.contains(schedule.kind())) {
      throw new IllegalArgumentException(
          "Schedule %s: kind = %s: no such kind of job; there are %s."
              .formatted(
                  schedule.name(), schedule.kind(), String.join(", ", new TreeSet<>(kinds))));
    }
    return new Schedules.Definition(schedule, recurrence(schedule).after(now, now).orElse(null));
  }

  private static Recurrence recurrence(Schedule schedule) {
    try {
      return Recurrence.parse(schedule.spec(), schedule.zone());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Schedule %s: %s in %s: %s."
              .formatted(schedule.name(), schedule.spec(), schedule.zone(), e.getMessage()),
          e);
    }
  }

  private void arm(long ms) {
    if (stopped == null) {
      timer = vertx.setTimer(Math.max(1, Math.min(ms, pollMs)), id -> look());
    } else {
      stopped.tryComplete();
    }
  }

  private void look() {
    looking = true;
    schedules
        .nextMs()
        .compose(
            ms -> {
              if (ms == null || ms > 0) {
                batch = BATCH;
                return Future.succeededFuture(ms == null ? pollMs : ms);
              }
              return fire(batch);
            })
        .recover(
            e -> {
              log.warn("no look at the schedules: {}", e.getMessage());
              return Future.succeededFuture(pollMs);
            })
        .onComplete(
            ms -> {
              looking = false;
              arm(ms.result());
            });
  }

  /** Answers how long to wait before the next look, in milliseconds. */
  private Future<Long> fire(int most) {
    List<Schedules.Due> locked = new ArrayList<>();
    return pool.withTransaction(
            connection ->
                schedules
                    .due(connection, most)
                    .onSuccess(locked::addAll)
                    // A long catching up takes too long for an event loop.
                    .compose(due -> vertx.executeBlocking(() -> plan(due), false))
                    .compose(runs -> enqueue(connection, runs)))
        .map(this::fired)
        .recover(e -> refused(e, most, locked));
  }

  /** Bounded in runs as well; what is left over is still due at the next look. */
  private static List<DueRuns> plan(List<Schedules.Due> due) {
    List<DueRuns> plan = new ArrayList<>();
    int runs = 0;
    for (int i = 0; i < due.size() && runs < DueRuns.MOST; i++) {
      plan.add(DueRuns.of(due.get(i)));
      runs += plan.get(i).at().size();
    }
    return plan;
  }

  private Future<List<DueRuns>> enqueue(SqlConnection connection, List<DueRuns> plan) {
    List<NewJob> all = new ArrayList<>();
    plan.forEach(runs -> runs.at().forEach(at -> all.add(job(runs.due().schedule(), at))));
    return jobs.enqueue(connection, all)
        .compose(ids -> schedules.advance(connection, advances(plan, ids)))
        .map(plan);
  }

  private static NewJob job(Schedule schedule, Instant at) {
    String key = "schedule:" + schedule.name() + ":" + at;
    return new NewJob(
        schedule.user(), schedule.kind(), schedule.priority(), schedule.payload(), key, null);
  }

  private static List<Schedules.Advance> advances(List<DueRuns> plan, List<Long> ids) {
    List<Schedules.Advance> advances = new ArrayList<>();
    int next = 0;
    for (DueRuns runs : plan) {
      next += runs.at().size();
      boolean none = runs.at().isEmpty();
      advances.add(
          new Schedules.Advance(
              runs.due().schedule().name(),
              runs.next(),
              none ? null : runs.at().get(runs.at().size() - 1),
              none ? null : ids.get(next - 1)));
    }
    return advances;
  }

  private long fired(List<DueRuns> plan) {
    for (DueRuns runs : plan) {
      if (runs.passedOver()) {
        report(runs);
      }
    }
    if (plan.stream().anyMatch(runs -> !runs.at().isEmpty())) {
      vertx.eventBus().publish(Engine.WAKE, "");
    }
    // None: what is due is in another scheduler's hands.
    return plan.isEmpty() ? pollMs : 1;
  }

  private static void report(DueRuns runs) {
    Schedule schedule = runs.due().schedule();
    boolean bounded = schedule.misfire() == Misfire.ALL;
    log.atLevel(bounded ? Level.WARN : Level.INFO)
        .addKeyValue("schedule", schedule.name())
        .addKeyValue("runs", runs.at().size())
        .log(
            "schedule {} missed runs since {}; by its misfire policy ({}{}) {} made up for, the next"
                + " is at {}",
            schedule.name(),
            runs.due().at(),
            schedule.misfire().text(),
            bounded ? ", at most " + DueRuns.MOST : "",
            runs.at().size() == 1 ? "1 is" : runs.at().size() + " are",
            runs.next());
  }

  /** One schedule must not keep others from running: they are tried singly, and it is set aside. */
  private Future<Long> refused(Throwable e, int most, List<Schedules.Due> locked) {
    if (most > 1 && !locked.isEmpty()) {
      batch = 1;
      return Future.succeededFuture(1L);
    }
    if (locked.isEmpty() || !isItsFault(e)) {
      return Future.failedFuture(e);
    }
    String name = locked.get(0).schedule().name();
    log.atError()
        .addKeyValue("schedule", name)
        .log("schedule {} is run no more until it is corrected: {}", name, e.getMessage());
    return schedules.giveUp(name, String.valueOf(e.getMessage())).map(1L);
  }

  /** SQLSTATE classes 22 (data) and 23 (constraints); anything else may pass. */
  private static boolean isItsFault(Throwable e) {
    return e instanceof IllegalArgumentException
        || (e instanceof PgException pg && pg.getSqlState().matches("2[23].*"));
  }

  /** Lets a look that is under way commit; begins no other. */
  @Override
  public Future<?> stop() {
    stopped = Promise.promise();
    vertx.cancelTimer(timer);
    if (!looking) {
      stopped.complete();
    }
    return stopped
        .future()
        .timeout(STOP_SECONDS, TimeUnit.SECONDS)
        .recover(
            e -> {
              log.warn("a look at the schedules did not end in time; it is undone");
              return Future.succeededFuture();
            });
  }
}
