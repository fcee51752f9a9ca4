package io.millrace.engine;

import io.millrace.store.Jobs;
import io.millrace.store.RunKey;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.util.function.Function;

/**
 * A run as its handler sees it. Used on the run's own event loop.
 *
 * @param <P> the payload
 */
public final class JobContext<P> {
  private final RunKey key;
  private final P payload;
  private final String checkpoint;
  private int failures;
  private final Pool pool;
  private final Jobs jobs;
  private final Runnable wake;
  private final Context loop = Vertx.currentContext();
  private final Promise<String> cancelled = Promise.promise();
  private boolean settled;

  JobContext(
      RunKey key, P payload, String checkpoint, int failures, Pool pool, Jobs jobs, Runnable wake) {
    this.key = key;
    this.payload = payload;
    this.checkpoint = checkpoint;
    this.failures = failures;
    this.pool = pool;
    this.jobs = jobs;
    this.wake = wake;
  }

  /** What names this run. */
  public RunKey key() {
    return key;
  }

  /** The user whose job it is. */
  public long user() {
    return key.user();
  }

  /** What the job was enqueued with. */
  public P payload() {
    return payload;
  }

  /** The JSON that an earlier run left to go on from, or null. */
  public String checkpoint() {
    return checkpoint;
  }

  /** Attempts that failed before this one since the job last advanced. */
  public int failures() {
    return failures;
  }

  /**
   * Completes with the reason when the run should end: its deadline has passed, the process stops,
   * or somebody cancelled the job. A handler that can yield does so.
   */
  public Future<String> cancelled() {
    return cancelled.future();
  }

  /**
   * Writes in one transaction that holds this run's fence: it commits only while the run is the
   * current one.
   *
   * @param work what to write
   * @return what the work answered, after the commit; fails with {@link
   *     io.millrace.store.FencedException} if another run has taken over
   */
  public <T> Future<T> write(Function<JobTransaction, Future<T>> work) {
    JobTransaction[] opened = new JobTransaction[1];
    return pool.withTransaction(
            connection ->
                jobs.fence(connection, key)
                    .compose(
                        spent -> {
                          opened[0] = new JobTransaction(connection, jobs, key, spent);
                          return work.apply(opened[0]);
                        }))
        .onSuccess(
            v -> {
              settled |= opened[0].settled();
              failures = opened[0].advanced() ? 0 : failures;
              if (opened[0].enqueued()) {
                wake.run();
              }
            });
  }

  /** From any thread; the handler hears of it on its own event loop. */
  void cancel(String reason) {
    if (loop == null || loop == Vertx.currentContext()) {
      cancelled.tryComplete(reason);
    } else {
      loop.runOnContext(v -> cancelled.tryComplete(reason));
    }
  }

  /** Whether a committed transaction has ended the job already. */
  boolean settled() {
    return settled;
  }
}
