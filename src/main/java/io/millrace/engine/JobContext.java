package io.millrace.engine;

import io.millrace.store.ClaimedJob;
import io.millrace.store.RunKey;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;

/**
 * A run as its handler sees it. Belongs to the run's event loop, on which its futures complete;
 * handlers that run on other threads may call it from there.
 *
 * @param <P> the payload
 */
public final class JobContext<P> {
  private final ClaimedJob job;
  private final P payload;
  private final Context loop;
  private final long deadlineNanos;
  private final Instant deadline;
  private final Promise<String> cancelled = Promise.promise();
  private final Set<Runnable> stoppers = ConcurrentHashMap.newKeySet();
  private final RunWrites writes;
  private final Progress progress;
  private final Logger log;
  private volatile int failures;
  private volatile boolean settled;
  private volatile TraceParent trace;
  private volatile RunObserver.Seen seen = RunObserver.Seen.NOTHING;

  /**
   * @param loop the run's event loop
   * @param deadlineNanos by {@link System#nanoTime}
   */
  JobContext(ClaimedJob job, P payload, RunTools tools, Context loop, long deadlineNanos) {
    this.job = job;
    this.payload = payload;
    this.loop = loop;
    this.deadlineNanos = deadlineNanos;
    this.deadline = tools.clock().instant().plusNanos(deadlineNanos - System.nanoTime());
    this.writes = new RunWrites(tools, job.key());
    this.progress = new Progress(tools.vertx(), job.key(), tools.progress());
    this.failures = job.failures();
    this.log = new RunLogger("io.millrace.job." + job.kind(), this::fields);
  }

  private Map<String, Object> fields() {
    return Map.of(
        "job", job.key().id(),
        "user", job.key().user(),
        "kind", job.kind(),
        "attempt", attempt(),
        "trace", trace().trace());
  }

  /** What names this run. */
  public RunKey key() {
    return job.key();
  }

  /** The user whose job it is. */
  public long user() {
    return job.key().user();
  }

  /** What the job was enqueued with. */
  public P payload() {
    return payload;
  }

  /** The JSON that an earlier run left to go on from, or null. */
  public String checkpoint() {
    return job.checkpoint();
  }

  /** Attempts that failed before this one since the job last advanced. */
  public int failures() {
    return failures;
  }

  /** The number of this attempt, from 1. */
  public int attempt() {
    return failures + 1;
  }

  /**
   * A logger named {@code io.millrace.job.<kind>} whose lines name job, user, attempt and trace.
   */
  public Logger log() {
    return log;
  }

  /** This run's place in its trace: to be sent along as {@code traceparent}. */
  public TraceParent trace() {
    if (trace == null) {
      synchronized (this) {
        if (trace == null) {
          trace =
              TraceParent.parse(job.trace()).map(TraceParent::child).orElseGet(TraceParent::fresh);
        }
      }
    }
    return trace;
  }

  /** Before the handler is called. */
  void seen(RunObserver.Seen given) {
    seen = given;
    trace = given.trace() == null ? trace : given.trace();
  }

  /**
   * When the run has to have ended, by this process's clock: the earlier of its kind's timeout and
   * the job's own deadline.
   */
  public Instant deadline() {
    return deadline;
  }

  /** How long until {@link #deadline}, never negative. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
  }

  /**
   * A timeout for something within the run: as long as wanted, but always so much shorter than what
   * remains that there is time to deal with its passing.
   *
   * @return at least a millisecond
   */
  public Duration within(Duration wanted) {
    Duration most = remaining().multipliedBy(9).dividedBy(10);
    Duration inner = wanted.compareTo(most) < 0 ? wanted : most;
    return inner.compareTo(Duration.ofMillis(1)) < 0 ? Duration.ofMillis(1) : inner;
  }

  /**
   * Completes with the reason when the run should end: its deadline has passed, the process stops,
   * or somebody cancelled the job. A handler that can yield does so; it has {@code engine.graceMs}
   * to end by itself, then its writes are taken back and the run ends without it.
   */
  public Future<String> cancelled() {
    return cancelled.future();
  }

  /** Runs an action, on the run's event loop, when the run should end; at once if it should. */
  public void onCancel(Runnable action) {
    stoppers.add(action);
    if (cancelled.future().isComplete()) {
      loop.runOnContext(v -> stop(action));
    }
  }

  /**
   * Ties input or output to the run: for as long as it is pending, a cancel stops it. For example
   * {@code job.stoppable(request.send(), request::reset)}.
   *
   * @return the given future
   */
  public <T> Future<T> stoppable(Future<T> pending, Runnable stop) {
    // An object of its own, since the same method may stop several.
    Runnable action = () -> stop.run();
    onCancel(action);
    return pending.onComplete(v -> stoppers.remove(action));
  }

  private void stop(Runnable action) {
    if (stoppers.remove(action)) {
      try {
        action.run();
      } catch (RuntimeException e) {
        log.warn("what should stop on cancel did not: {}", e.getMessage());
      }
    }
  }

  /**
   * Tells how far the run is; kept at most once a second, so that it may be called for every item.
   *
   * @param total −1 if it is not known
   * @param words for a person, or null
   */
  public void progress(long done, long total, String words) {
    progress.tell(done, total, words);
  }

  /**
   * Tokens were given to a model for this run: they count towards what the user's day costs, also
   * if the run fails.
   *
   * @param count not below 0
   */
  public void tokens(long count) {
    seen.tokens(count);
  }

  /**
   * Writes in one transaction that holds this run's fence: it commits only while the run is the
   * current one, and is rolled back, its statement cancelled, if the run is given up meanwhile.
   *
   * @param work what to write
   * @return what the work answered, after the commit; fails with {@link
   *     io.millrace.store.FencedException} if another run has taken over
   */
  public <T> Future<T> write(Function<JobTransaction, Future<T>> work) {
    return writes.write(
        trace(),
        work,
        done -> {
          settled |= done.settled();
          failures = done.advanced() ? 0 : failures;
        });
  }

  /**
   * Waits for a future, on a thread that may be blocked, until the deadline at most.
   *
   * @throws Exception what the future failed with; {@link java.util.concurrent.TimeoutException} at
   *     the deadline, {@link InterruptedException} when the run should end
   */
  public <T> T await(Future<T> future) throws Exception {
    if (Context.isOnEventLoopThread()) {
      throw new IllegalStateException(
          "await would block the event loop; threading() of the handler must be WORKER or VIRTUAL.");
    }
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(Math.max(1, remaining().toMillis()), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  /** From any thread, once; the handler hears of it on its own event loop. */
  void stop(String reason) {
    if (loop == Vertx.currentContext()) {
      told(reason);
    } else {
      loop.runOnContext(v -> told(reason));
    }
  }

  private void told(String reason) {
    if (cancelled.tryComplete(reason)) {
      Set.copyOf(stoppers).forEach(this::stop);
    }
  }

  /** The run ends without its handler; completes when none of its writes is open any more. */
  Future<Void> giveUp() {
    return writes.giveUp();
  }

  /** After the end nothing is kept any more. */
  void end() {
    progress.end();
  }

  Progress progress() {
    return progress;
  }

  /** Whether a committed transaction has ended the job already. */
  boolean settled() {
    return settled;
  }
}
