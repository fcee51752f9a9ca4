package io.millrace.engine;

import io.vertx.core.Future;

/**
 * How jobs of one kind are done. One object serves all runs: it keeps nothing of a run in fields.
 *
 * @param <P> the payload, a record that Jackson reads
 */
public interface JobHandler<P> {
  /** The kind's name, as it stands in the database. */
  String kind();

  /** The payload's class. */
  Class<P> payload();

  /**
   * Does the job, on an event loop that it must not block.
   *
   * <p>It may be run again after a crash at any point: what it writes through {@link
   * JobContext#write} is written by the current run or not at all.
   *
   * @return how it went; a failed future is a failed attempt
   */
  Future<Outcome> run(JobContext<P> job);
}
