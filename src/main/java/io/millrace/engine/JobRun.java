package io.millrace.engine;

import io.millrace.store.ClaimedJob;
import io.millrace.store.RunKey;
import io.millrace.store.Settlement;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of one job, from claim to settlement: read the payload, run the handler, tell it when it
 * should end, judge what came of it. Whatever a handler does (throws, returns null, never
 * completes, blocks its thread) ends in an outcome.
 *
 * <p>The handler lives on one event loop or thread; {@link #tick} and {@link #stop} come from
 * others, so that a run ends even if its own thread never comes back.
 *
 * @param <P> the payload
 */
final class JobRun<P> {
  private static final Logger log = LoggerFactory.getLogger(JobRun.class);

  private final ClaimedJob job;
  private final KnownKind<P> kind;
  private final RunTools tools;
  private final RunObserver.Seen seen;
  private final Verdict verdict;
  private final long deadlineNanos;
  private final Promise<Outcome> end = Promise.promise();
  private volatile RunWatch.Loop loop;
  private volatile JobContext<P> context;
  private volatile Stop stop;
  private long toldNanos;
  private boolean started;
  private boolean ended;
  private boolean givenUp;
  private Thread blocking;

  JobRun(ClaimedJob job, KnownKind<P> kind, RunTools tools, RunObserver.Seen seen) {
    this.job = job;
    this.kind = kind;
    this.tools = tools;
    this.seen = seen;
    this.verdict = new Verdict(job, tools);
    this.deadlineNanos = System.nanoTime() + verdict.allowed().toNanos();
    this.loop = tools.watch().next();
  }

  /**
   * Runs the job to its end. Called once.
   *
   * @return how the run ended; empty if that is written already or no longer ours to write
   */
  Future<Optional<Settlement>> begin() {
    if (verdict.tooLate()) {
      return Future.succeededFuture(Optional.of(verdict.missed()));
    }
    tools.watch().add(this);
    RunWatch.Loop first = loop;
    seen.on(first.context).runOnContext(v -> start(first));
    return end.future().transform(this::settlement);
  }

  private Future<Optional<Settlement>> settlement(AsyncResult<Outcome> done) {
    tools.watch().remove(this);
    JobContext<P> made = context;
    if (made != null) {
      made.end();
    }
    boolean written = made != null && made.settled();
    return Future.succeededFuture(written ? Optional.empty() : verdict.of(done, stop, made));
  }

  /** On a loop; a second call, from the loop that was blocked at first, does nothing. */
  private void start(RunWatch.Loop here) {
    synchronized (this) {
      if (started || ended) {
        return;
      }
      started = true;
      loop = here;
    }
    if (job.payload() == null) {
      unreadable(new IllegalStateException("the job's body is missing"));
    } else if (kind.form().quick(job.payload())) {
      read();
    } else {
      tools
          .vertx()
          .executeBlocking(() -> kind.form().read(job.payload()), false)
          .onComplete(this::handle, this::unreadable);
    }
  }

  private void read() {
    P payload;
    try {
      payload = kind.form().read(job.payload());
    } catch (RuntimeException e) {
      unreadable(e);
      return;
    }
    handle(payload);
  }

  private void unreadable(Throwable e) {
    end.tryComplete(new Outcome.Discarded("payload", e));
  }

  private void handle(P payload) {
    JobContext<P> made = new JobContext<>(job, payload, tools, loop.context, deadlineNanos);
    made.seen(seen);
    context = made;
    Stop early = stop;
    if (early != null) {
      made.stop(early.reason());
    }
    JobHandler.Threading threading = kind.handler().threading();
    Future<Outcome> running;
    if (threading == JobHandler.Threading.EVENT_LOOP) {
      loop.inside = this;
      running = guarded(made);
      loop.inside = null;
    } else {
      running = tools.threads().run(job.kind(), threading, () -> interruptibly(made));
    }
    running.onComplete(this::finish);
  }

  /** What comes after it was given up is only the echo of that. */
  private void finish(AsyncResult<Outcome> done) {
    synchronized (this) {
      if (givenUp) {
        return;
      }
    }
    if (done.succeeded()) {
      end.tryComplete(done.result());
    } else {
      end.tryFail(done.cause());
    }
  }

  private Future<Outcome> guarded(JobContext<P> made) {
    try {
      Future<Outcome> running = kind.handler().run(made);
      return running == null
          ? Future.failedFuture(new IllegalStateException("the handler returned no future"))
          : running.map(
              outcome -> {
                if (outcome == null) {
                  throw new IllegalStateException("the handler returned no outcome");
                }
                return outcome;
              });
    } catch (Throwable e) {
      // Whatever it is, the slot has to be freed.
      return Future.failedFuture(e);
    }
  }

  private Future<Outcome> interruptibly(JobContext<P> made) {
    synchronized (this) {
      if (ended) {
        return Future.failedFuture(new IllegalStateException("it ended before it had a thread"));
      }
      blocking = Thread.currentThread();
    }
    try {
      return guarded(made);
    } finally {
      synchronized (this) {
        blocking = null;
        // The thread belongs to others now; what was meant for us must not reach them.
        Thread.interrupted();
      }
    }
  }

  /** Tells the run to end, from any thread. The first reason stands, but a cancel is final. */
  void stop(Stop wanted) {
    synchronized (this) {
      if (stop == null) {
        toldNanos = System.nanoTime();
      } else if (wanted.why() != Stop.Why.CANCELLED || stop.why() == Stop.Why.CANCELLED) {
        return;
      }
      stop = wanted;
      if (wanted.why() != Stop.Why.SHUTDOWN) {
        interrupt();
      }
    }
    JobContext<P> made = context;
    if (made != null) {
      made.stop(wanted.reason());
    }
  }

  private void interrupt() {
    if (blocking != null) {
      blocking.interrupt();
    }
  }

  /** Looks whether its time is over; from the watch's thread. */
  void tick(long now) {
    if (!started() && !waits(now)) {
      return;
    }
    if (stop == null && now - deadlineNanos >= 0) {
      stop(new Stop(Stop.Why.DEADLINE, "its deadline passed"));
    }
    if (stop != null && now - toldNanos() >= tools.settings().grace().toNanos()) {
      giveUp();
    }
  }

  /** A run that has not begun: on a blocked loop it moves to another, and its time may run out. */
  private boolean waits(long now) {
    if (stop != null || now - deadlineNanos >= 0) {
      synchronized (this) {
        ended = !started;
      }
      // No handler has seen it, so no attempt is spent.
      return !end.tryFail(new NotBegun());
    }
    RunWatch.Loop old = loop;
    if (old.blocked()) {
      RunWatch.Loop other = tools.watch().next();
      if (!other.blocked()) {
        loop = other;
        seen.on(other.context).runOnContext(v -> start(other));
      }
    }
    return false;
  }

  private void giveUp() {
    synchronized (this) {
      if (givenUp) {
        return;
      }
      givenUp = true;
      ended = true;
      interrupt();
    }
    log.atWarn()
        .addKeyValue("job", job.key().id())
        .addKeyValue("kind", job.kind())
        .log("{} does not end although {}; it is given up", name(), stop.reason());
    JobContext<P> made = context;
    Future<Void> taken = made == null ? Future.succeededFuture() : made.giveUp();
    taken.onComplete(v -> end.tryFail(new DeadlineException(verdict.allowed(), null)));
  }

  /** Its end is written, or will never be. */
  void seen(Settlement settlement) {
    JobContext<P> made = context;
    String state = made != null && made.settled() ? "completed" : "lost";
    if (settlement instanceof Settlement.Finished finished) {
      state = finished.state();
    } else if (settlement instanceof Settlement.Buried) {
      state = "dead";
    } else if (settlement instanceof Settlement.Postponed postponed) {
      state = postponed.attemptSpent() ? "retried" : "yielded";
    }
    seen.ended(state, elapsed());
  }

  private synchronized long toldNanos() {
    return toldNanos;
  }

  synchronized boolean started() {
    return started;
  }

  Duration elapsed() {
    return verdict.elapsed();
  }

  RunKey key() {
    return job.key();
  }

  String kind() {
    return job.kind();
  }

  RunWatch.Loop loop() {
    return loop;
  }

  /** Whether a class is this run's handler, or within it. */
  boolean runs(String className) {
    return className.startsWith(kind.handler().getClass().getName());
  }

  /** For log lines. */
  String name() {
    return "job " + job.key().id() + " of kind " + job.kind();
  }

  /** The run ended before its handler was called. */
  static final class NotBegun extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotBegun() {
      super("it had not begun", null, false, false);
    }
  }
}
