package io.millrace.engine;

import io.millrace.store.ClaimedJob;
import io.millrace.store.Jobs;
import io.millrace.store.Operations;
import io.millrace.store.Settlement;
import io.millrace.store.Starts;
import io.millrace.store.Workers;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.sqlclient.Pool;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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
  private static final String WHO = "claim";
  private static final int MOST_A_CLAIM = 1_000;
  private static final long QUIET_SECONDS = 5;

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
  private final LowWaters lows = new LowWaters();
  private final Outage outage = new Outage(System::nanoTime);
  private final Promoter promoter;
  private Set<String> idle = Set.of();

  /** How many of each kind the claim under way may bring. */
  private Map<String, Integer> wanted = Map.of();

  private RunObserver observer = RunObserver.NONE;
  private Runs runs;
  private Completer completer;
  private volatile Heart heart;
  private CancelWatch cancels;
  private Idleness idleness;
  private Strays strays;
  private ImmediateStarts starts;
  private boolean looking;
  private long notBefore = System.nanoTime();
  private long againMs = Long.MAX_VALUE;
  private boolean stopping;
  private Alarm alarm;
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
    this.promoter = new Promoter(jobs, settings.poll());
  }

  /** Has runs seen by somebody; before it is started. */
  Claimer observedBy(RunObserver other) {
    observer = other;
    return this;
  }

  /** From any thread. */
  boolean holdsLease() {
    Heart started = heart;
    return started != null && started.holds();
  }

  @Override
  public Future<?> start() {
    alarm = new Alarm(vertx, this::look);
    idleness = new Idleness(jobs);
    strays = new Strays(workers, jobs, key -> runs.of(key) != null);
    starts =
        new ImmediateStarts(
            vertx, context, new Starts(pool, jobs.kinds()), strays, this::mayStart, this::started);
    completer =
        new Completer(
            vertx,
            context,
            jobs.endings(),
            this::freed,
            () -> lookWithin(0),
            strays::unwritable,
            outage);
    RunTools tools =
        new RunTools(
            vertx,
            settings,
            pool,
            jobs,
            enqueuer,
            jobs::progress,
            new HandlerThreads(vertx, settings),
            new RunWatch(runners, settings),
            clock,
            random);
    heart =
        new Heart(
            vertx,
            settings,
            workers,
            jobs,
            handlers.keySet(),
            () -> lookWithin(0),
            strays::beaten,
            outage);
    runs =
        new Runs(
            handlers,
            tools,
            slots,
            new Suspects(settings),
            new ChangeNotes(vertx),
            observer,
            completer::settle);
    cancels =
        new CancelWatch(vertx, settings, new Operations(pool, jobs.kinds()), heart::worker, runs);
    vertx
        .eventBus()
        .localConsumer(
            Engine.WAKE,
            m -> {
              promoter.within(0);
              lookWithin(0);
            });
    return heart
        .start(alone)
        .onSuccess(
            v -> {
              cancels.start();
              enqueuer.startBy(starts::start);
              lookWithin(0);
            });
  }

  /** Where a job that comes alone may begin at once, if it may. */
  private ImmediateStarts.Place mayStart(String kind) {
    if (stopping
        || !handlers.containsKey(kind)
        || !idle.contains(kind)
        || promoter.limited(kind)
        || runs.free(kind) <= wanted.getOrDefault(kind, 0)
        || !heart.holds()) {
      return null;
    }
    runs.keep(kind);
    return new ImmediateStarts.Place(
        heart.worker(),
        settings.kind(kind).timeout().toMillis(),
        lows.from(kind, System.nanoTime()));
  }

  /** What came of it: the job, or null if there is none. */
  private void started(String kind, ClaimedJob job) {
    runs.unkeep(kind);
    if (job != null) {
      runs.dispatch(List.of(job));
    } else {
      // A look that found no slot free may have passed over somebody.
      lookWithin(0);
    }
    drainedIfIdle();
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
    long least = Math.max(0, notBefore - System.nanoTime()) / 1_000_000;
    alarm.within(Math.max(1, Math.max(least, ms) + random.nextInt(2)));
  }

  private void look() {
    if (!heart.holds()) {
      lookWithin(settings.poll().toMillis());
      return;
    }
    looking = true;
    againMs = Long.MAX_VALUE;
    // What is ready starts first; what became due by then is the reason for another look.
    starts
        .quiet(() -> strays.giveBack(heart.worker()))
        .compose(v -> claim(System.nanoTime()))
        .compose(more -> promoter.promote().map(promoted -> more || promoted))
        .recover(
            e -> {
              // Perhaps it was done, and only the answer is lost; or what was done is lost.
              strays.lost();
              lows.forget();
              idle = Set.of();
              long backoffMs = outage.failed(WHO, "no claim", e);
              notBefore = System.nanoTime() + backoffMs * 1_000_000;
              return Future.succeededFuture(false);
            })
        .onComplete(
            more -> {
              looking = false;
              if (more.result() && !stopping) {
                look();
              } else {
                long echo = idleness.is(heart.worker(), idle, System.nanoTime());
                lookWithin(
                    Math.min(
                        Math.min(againMs, echo),
                        Math.min(promoter.dueMs(), settings.poll().toMillis())));
              }
              drainedIfIdle();
            });
  }

  /** Claims for the free slots; answers whether it is worth looking again at once. */
  private Future<Boolean> claim(long begun) {
    Set<String> found = new HashSet<>();
    Map<String, Integer> asked = new HashMap<>();
    List<Jobs.Want> plain = new ArrayList<>();
    List<Jobs.Want> narrow = new ArrayList<>();
    for (String kind : handlers.keySet()) {
      int free = runs.free(kind);
      if (free > 0) {
        long timeout = settings.kind(kind).timeout().toMillis();
        int most = Math.min(free, MOST_A_CLAIM);
        asked.put(kind, most);
        (promoter.limited(kind) ? narrow : plain)
            .add(new Jobs.Want(kind, most, timeout, lows.from(kind, begun)));
      }
    }
    wanted = asked;
    Future<Boolean> more = Future.succeededFuture(false);
    if (!plain.isEmpty()) {
      more =
          jobs.claim(heart.worker(), plain)
              .map(
                  claimed -> {
                    againMs = Math.min(againMs, lows.took(plain, claimed, begun));
                    return took(plain, claimed, found);
                  });
    }
    if (!narrow.isEmpty()) {
      more =
          more.compose(
              m ->
                  jobs.claimLimited(heart.worker(), narrow)
                      .map(claimed -> took(narrow, claimed.jobs(), found) || claimed.more() || m));
    }
    return more.onComplete(v -> wanted = Map.of())
        .onSuccess(
            v -> {
              idle = found;
              if (!asked.isEmpty()) {
                outage.succeeded(WHO);
              }
            });
  }

  /**
   * Starts what came.
   *
   * @param found the kinds of which more could be started at once if there were more
   * @return whether there may be more for slots that are free
   */
  private boolean took(List<Jobs.Want> wants, List<ClaimedJob> claimed, Set<String> found) {
    runs.dispatch(claimed);
    Map<String, Integer> came = new HashMap<>();
    claimed.forEach(job -> came.merge(job.kind(), 1, Integer::sum));
    boolean more = false;
    for (Jobs.Want want : wants) {
      boolean full = came.getOrDefault(want.kind(), 0) == want.most();
      if (runs.free(want.kind()) > 0) {
        more |= full;
        if (!full) {
          found.add(want.kind());
        }
      }
    }
    return more;
  }

  private void freed(List<Completer.Ended> ended) {
    long soon = Long.MAX_VALUE;
    boolean look = false;
    for (Completer.Ended e : ended) {
      runs.ended(e);
      if (e.settlement() instanceof Settlement.Postponed postponed && postponed.delayMs() > 0) {
        soon = Math.min(soon, postponed.delayMs());
      }
      // A slot more is no reason to look where slots were free already.
      String kind = e.job().kind();
      look |=
          !(e.settlement() instanceof Settlement.Finished)
              || !idle.contains(kind)
              || promoter.limited(kind);
    }
    if (soon < settings.poll().toMillis()) {
      promoter.within(soon);
    }
    drainedIfIdle();
    if (look) {
      lookWithin(0);
    }
  }

  private void drainedIfIdle() {
    if (drained != null && !looking && runs.none()) {
      drained.tryComplete();
    }
  }

  /** Claims no more, lets what runs come to a commit and yield, and gives the lease back. */
  @Override
  public Future<?> stop() {
    stopping = true;
    enqueuer.startBy(job -> Future.succeededFuture());
    alarm.cancel();
    drained = Promise.promise();
    drainedIfIdle();
    runs.stop(new Stop(Stop.Why.SHUTDOWN, "the process stops"));
    vertx.setTimer(
        // They are given up after the grace; then their outcomes have to be written.
        settings.grace().plusSeconds(5).toMillis(),
        id -> {
          if (drained.tryComplete()) {
            int ended = completer.unwritten();
            log.warn(
                "{} runs are left to be taken back, {} with an unwritten end", runs.count(), ended);
          }
        });
    return drained
        .future()
        .onComplete(v -> cancels.stop())
        .compose(
            v -> jobs.endings().quiet().timeout(QUIET_SECONDS, TimeUnit.SECONDS).otherwiseEmpty())
        .compose(v -> heart.stop())
        .eventually(runs::close);
  }
}
