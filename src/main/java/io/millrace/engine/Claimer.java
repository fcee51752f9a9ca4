package io.millrace.engine;

import io.millrace.store.ClaimedJob;
import io.millrace.store.Jobs;
import io.millrace.store.Operations;
import io.millrace.store.Settlement;
import io.millrace.store.Workers;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
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
  private static final long PROMOTE_APART_NS = Duration.ofMillis(20).toNanos();

  private final EngineSettings settings;
  private final Pool pool;
  private final Jobs jobs;
  private final Workers workers;
  private final boolean alone;
  private final Map<String, KnownKind<?>> handlers;
  private final List<Context> runners;
  private final Enqueuer enqueuer;
  private final Slots slots;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Map<String, Integer> busy = new HashMap<>();
  private final Map<String, LowWater> lows = new HashMap<>();
  private final Map<Long, JobRun<?>> running = new HashMap<>();
  private Set<String> limited = Set.of();
  private RunTools tools;
  private Completer completer;
  private Heart heart;
  private CancelWatch cancels;
  private ChangeNotes notes;
  private boolean looking;
  private long againMs = Long.MAX_VALUE;
  private long promotedAt;
  private long promoteAt;
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
      Slots slots,
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
    this.slots = slots;
    this.clock = clock;
    this.random = random;
    handlers.keySet().forEach(k -> lows.put(k, new LowWater()));
  }

  @Override
  public Future<?> start() {
    completer = new Completer(vertx, context, jobs.endings(), this::freed);
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
    notes = new ChangeNotes(vertx);
    cancels =
        new CancelWatch(
            vertx, settings, new Operations(pool, jobs.kinds()), heart::worker, running);
    promotedAt = System.nanoTime() - PROMOTE_APART_NS;
    promoteAt = promotedAt;
    vertx
        .eventBus()
        .localConsumer(
            Engine.WAKE,
            m -> {
              promoteWithin(0);
              lookWithin(0);
            });
    return heart
        .start(alone)
        .onSuccess(
            v -> {
              cancels.start();
              lookWithin(0);
            });
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

  private void promoteWithin(long ms) {
    long at = System.nanoTime() + ms * 1_000_000;
    promoteAt = Math.min(promoteAt, Math.max(at, promotedAt + PROMOTE_APART_NS));
  }

  private void look() {
    timer = -1;
    looking = true;
    againMs = Long.MAX_VALUE;
    promote()
        .compose(v -> claim())
        .recover(
            e -> {
              log.warn("no claim: {}", e.getMessage());
              return Future.succeededFuture(false);
            })
        .onComplete(
            more -> {
              looking = false;
              if (more.result() && !stopping) {
                look();
              } else {
                long due = Math.max(0, promoteAt - System.nanoTime()) / 1_000_000 + 1;
                lookWithin(Math.min(againMs, Math.min(due, settings.poll().toMillis())));
              }
              drainedIfIdle();
            });
  }

  /** Makes due jobs ready, but only when some may be due. */
  private Future<Void> promote() {
    long now = System.nanoTime();
    if (now - promoteAt < 0) {
      return Future.succeededFuture();
    }
    promotedAt = now;
    promoteAt = now + settings.poll().toNanos();
    return jobs.promote(MOST_PROMOTED)
        .onSuccess(
            promoted -> {
              limited = promoted.limited();
              if (promoted.count() == MOST_PROMOTED) {
                promoteWithin(0);
              } else if (promoted.nextMs() != null) {
                promoteWithin(Math.min(promoted.nextMs(), settings.poll().toMillis()));
              }
            })
        .mapEmpty();
  }

  /** Claims for the free slots; answers whether it is worth looking again at once. */
  private Future<Boolean> claim() {
    long begun = System.nanoTime();
    List<Jobs.Want> plain = new ArrayList<>();
    List<Jobs.Want> narrow = new ArrayList<>();
    for (String kind : handlers.keySet()) {
      int free = slots.free(kind, busy.getOrDefault(kind, 0));
      if (free > 0) {
        long timeout = settings.kind(kind).timeout().toMillis();
        int most = Math.min(free, MOST_A_CLAIM);
        (limited.contains(kind) ? narrow : plain)
            .add(new Jobs.Want(kind, most, timeout, lows.get(kind).from(begun)));
      }
    }
    Future<Boolean> more =
        plain.isEmpty()
            ? Future.succeededFuture(false)
            : jobs.claim(heart.worker(), plain).map(claimed -> took(plain, claimed, begun));
    if (narrow.isEmpty()) {
      return more;
    }
    return more.compose(
        m ->
            jobs.claimLimited(heart.worker(), narrow)
                .map(
                    claimed -> {
                      dispatch(claimed.jobs());
                      return m || claimed.more();
                    }));
  }

  private boolean took(List<Jobs.Want> wants, List<ClaimedJob> claimed, long begun) {
    Map<String, Integer> count = new HashMap<>();
    Map<String, Long> lowest = new HashMap<>();
    for (ClaimedJob job : claimed) {
      count.merge(job.kind(), 1, Integer::sum);
      lowest.merge(job.kind(), job.rank(), Math::min);
    }
    dispatch(claimed);
    boolean more = false;
    for (Jobs.Want want : wants) {
      LowWater low = lows.get(want.kind());
      if (count.getOrDefault(want.kind(), 0) == want.most()) {
        low.full(lowest.get(want.kind()), want.low(), begun, System.nanoTime());
        more |= slots.free(want.kind(), busy.get(want.kind())) > 0;
      } else {
        low.ebbed();
        more |= want.low() != Long.MIN_VALUE;
      }
    }
    return more;
  }

  /** Starts what was claimed, each on one of the runners' event loops. */
  private void dispatch(List<ClaimedJob> claimed) {
    for (ClaimedJob job : claimed) {
      busy.merge(job.kind(), 1, Integer::sum);
      notes.running(job.kind(), job.key().id());
      if (stopping) {
        // No run has begun, so no attempt is spent.
        completer.settle(
            new Completer.Ended(job, new Settlement.Postponed(job.key(), 0, "stop", false)));
      } else {
        JobRun<?> run = new JobRun<>(job, handlers.get(job.kind()), tools);
        running.put(job.key().id(), run);
        run.begin()
            .onComplete(
                done -> completer.settle(new Completer.Ended(job, done.result().orElse(null))));
      }
    }
  }

  private void freed(List<Completer.Ended> ended) {
    long soon = Long.MAX_VALUE;
    for (Completer.Ended e : ended) {
      JobRun<?> run = running.remove(e.job().key().id());
      Settlement settlement = e.settlement();
      boolean failed =
          (settlement instanceof Settlement.Postponed p && p.attemptSpent())
              || (settlement instanceof Settlement.Buried b && b.reason().equals("exhausted"));
      if (run != null && (failed || settlement instanceof Settlement.Finished)) {
        int load = busy.get(e.job().kind());
        slots.finished(e.job().kind(), load, failed, run.elapsed());
      }
      busy.merge(e.job().kind(), -1, Integer::sum);
      notes.settled(e.job().kind(), e.job().key().id(), settlement);
      if (e.settlement() instanceof Settlement.Postponed postponed && postponed.delayMs() > 0) {
        soon = Math.min(soon, postponed.delayMs());
      }
    }
    if (soon < settings.poll().toMillis()) {
      promoteWithin(soon);
    }
    drainedIfIdle();
    lookWithin(0);
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
    List.copyOf(running.values()).forEach(run -> run.stop(stop));
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
        .onComplete(v -> cancels.stop())
        .compose(v -> heart.stop())
        .eventually(
            () -> {
              tools.watch().close();
              return tools.threads().close();
            });
  }
}
