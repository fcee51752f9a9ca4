package io.millrace.engine;

import io.millrace.store.ClaimedJob;
import io.millrace.store.Jobs;
import io.millrace.store.Settlement;
import io.millrace.store.Workers;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.Pool;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The loop that finds work, one instance a process: claim as many jobs as there are free slots,
 * hand each to a runner's event loop, settle it, free its slot. Whatever might mean new work only
 * arms one short timer; without any wake-up the loop looks again after {@link EngineSettings#poll}.
 */
final class Claimer extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(Claimer.class);
  private static final int MOST_A_CLAIM = 500;
  private static final int MOST_PROMOTED = 1_000;

  private final EngineSettings settings;
  private final Pool pool;
  private final Jobs jobs;
  private final Workers workers;
  private final boolean alone;
  private final Map<String, KnownKind<?>> handlers;
  private final List<Context> runners;
  private final Enqueuer enqueuer;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Map<String, Integer> busy = new HashMap<>();
  private final Set<JobRun<?>> running = new HashSet<>();
  private RunTools tools;
  private Completer completer;
  private Heart heart;
  private boolean looking;
  private long againMs = Long.MAX_VALUE;
  private boolean stopping;
  private long timer = -1;
  private long timerAt;
  private Promise<Void> drained;

  Claimer(
      EngineSettings settings,
      Pool pool,
      Jobs jobs,
      Workers workers,
      boolean alone,
      Map<String, KnownKind<?>> handlers,
      List<Context> runners,
      Enqueuer enqueuer,
      InstantSource clock,
      RandomGenerator random) {
    this.settings = settings;
    this.pool = pool;
    this.jobs = jobs;
    this.workers = workers;
    this.alone = alone;
    this.handlers = handlers;
    this.runners = runners;
    this.enqueuer = enqueuer;
    this.clock = clock;
    this.random = random;
  }

  @Override
  public Future<?> start() {
    completer = new Completer(vertx, context, jobs);
    tools =
        new RunTools(
            vertx,
            settings,
            pool,
            jobs,
            enqueuer,
            (key, progress) -> Future.succeededFuture(),
            new HandlerThreads(vertx, settings),
            new RunWatch(runners, settings),
            clock,
            random);
    heart = new Heart(vertx, settings, workers, jobs, handlers.keySet(), () -> lookWithin(0));
    vertx.eventBus().localConsumer(Engine.WAKE, m -> lookWithin(0));
    return heart.start(alone).onSuccess(v -> lookWithin(0));
  }

  /** Arms the one timer for a look, or brings it forward. */
  private void lookWithin(long ms) {
    if (stopping) {
      return;
    }
    if (looking) {
      againMs = Math.min(againMs, ms);
      return;
    }
    // A little noise, so that processes woken by the same event do not claim in step.
    long delay = Math.max(1, ms + random.nextInt(2));
    long at = System.nanoTime() + delay * 1_000_000;
    if (timer != -1) {
      if (timerAt - at <= 0) {
        return;
      }
      vertx.cancelTimer(timer);
    }
    timerAt = at;
    timer = vertx.setTimer(delay, id -> look());
  }

  private void look() {
    timer = -1;
    looking = true;
    againMs = Long.MAX_VALUE;
    Map<String, Integer> free = free();
    jobs.promote(MOST_PROMOTED)
        .compose(
            promoted ->
                (free.isEmpty()
                        ? Future.succeededFuture(List.<ClaimedJob>of())
                        : jobs.claim(heart.worker(), free, timeouts(free)))
                    .map(claimed -> pause(promoted, claimed, free)))
        .recover(
            e -> {
              log.warn("no claim: {}", e.getMessage());
              return Future.succeededFuture(settings.poll().toMillis());
            })
        .onComplete(
            pause -> {
              looking = false;
              lookWithin(Math.min(againMs, pause.result()));
              drainedIfIdle();
            });
  }

  private Map<String, Integer> free() {
    Map<String, Integer> free = new HashMap<>();
    for (String kind : handlers.keySet()) {
      int slots = settings.kind(kind).slots() - busy.getOrDefault(kind, 0);
      if (slots > 0) {
        free.put(kind, Math.min(slots, MOST_A_CLAIM));
      }
    }
    return free;
  }

  private Map<String, Long> timeouts(Map<String, Integer> free) {
    Map<String, Long> timeouts = new HashMap<>();
    free.keySet().forEach(k -> timeouts.put(k, settings.kind(k).timeout().toMillis()));
    return timeouts;
  }

  /** Starts what was claimed; answers how long to wait before the next look. */
  private long pause(Jobs.Promoted promoted, List<ClaimedJob> claimed, Map<String, Integer> free) {
    claimed.forEach(stopping ? this::giveBack : this::dispatch);
    Map<String, Integer> got = new HashMap<>();
    claimed.forEach(j -> got.merge(j.kind(), 1, Integer::sum));
    boolean more =
        promoted.count() == MOST_PROMOTED
            || got.entrySet().stream()
                .anyMatch(
                    e ->
                        e.getValue().equals(free.get(e.getKey()))
                            && settings.kind(e.getKey()).slots() > busy.get(e.getKey()));
    if (more) {
      return 0;
    }
    long poll = settings.poll().toMillis();
    return promoted.nextMs() == null ? poll : Math.max(1, Math.min(poll, promoted.nextMs()));
  }

  /** Claimed while the process was told to stop: no run has begun, so no attempt is spent. */
  private void giveBack(ClaimedJob job) {
    busy.merge(job.kind(), 1, Integer::sum);
    Settlement unused = new Settlement.Postponed(job.key(), 0, "stop", false);
    completer.settle(unused).onComplete(v -> released(job, unused));
  }

  private void dispatch(ClaimedJob job) {
    busy.merge(job.kind(), 1, Integer::sum);
    JobRun<?> run = new JobRun<>(job, handlers.get(job.kind()), tools);
    running.add(run);
    run.begin()
        .compose(
            settlement ->
                settlement.isEmpty()
                    ? Future.<Settlement>succeededFuture()
                    : completer.settle(settlement.get()).map(settlement.get()))
        .onComplete(
            done ->
                context.runOnContext(
                    v -> {
                      running.remove(run);
                      released(job, done.result());
                    }));
  }

  private void released(ClaimedJob job, Settlement settlement) {
    busy.merge(job.kind(), -1, Integer::sum);
    drainedIfIdle();
    long soon =
        settlement instanceof Settlement.Postponed postponed ? Math.max(0, postponed.delayMs()) : 0;
    lookWithin(soon);
  }

  private void drainedIfIdle() {
    if (drained != null && !looking && busy.values().stream().allMatch(n -> n == 0)) {
      drained.tryComplete();
    }
  }

  /** Claims no more, lets what runs come to a commit and yield, and gives the lease back. */
  @Override
  public Future<?> stop() {
    stopping = true;
    if (timer != -1) {
      vertx.cancelTimer(timer);
    }
    drained = Promise.promise();
    drainedIfIdle();
    Stop stop = new Stop(Stop.Why.SHUTDOWN, "the process stops");
    List.copyOf(running).forEach(run -> run.stop(stop));
    vertx.setTimer(
        // They are given up after the grace; then their outcomes have to be written.
        settings.grace().plusSeconds(5).toMillis(),
        id -> {
          if (drained.tryComplete()) {
            log.warn("{} runs did not stop in time; they will be taken back", running.size());
          }
        });
    return drained
        .future()
        .compose(v -> heart.stop())
        .eventually(
            () -> {
              tools.watch().close();
              return tools.threads().close();
            });
  }
}
