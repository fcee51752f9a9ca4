package io.millrace.engine;

import io.vertx.core.Future;

/**
 * A handler in plain blocking Java: it waits with {@link JobContext#await}, throws what goes wrong,
 * and is interrupted at its deadline or when the job is cancelled.
 *
 * @param <P> the payload, a record that Jackson reads
 */
public interface BlockingJobHandler<P> extends JobHandler<P> {
  /**
   * Does the job, on a thread of its own that it may block.
   *
   * @return how it went, never null
   * @throws Exception if the attempt failed
   */
  Outcome perform(JobContext<P> job) throws Exception;

  @Override
  default Threading threading() {
    return Threading.VIRTUAL;
  }

  @Override
  default Future<Outcome> run(JobContext<P> job) {
    try {
      return Future.succeededFuture(perform(job));
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      return Future.failedFuture(e);
    }
  }
}
