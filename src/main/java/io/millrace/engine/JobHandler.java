package io.millrace.engine;

import io.vertx.core.Future;

/**
 * How jobs of one kind are done. One object serves all runs: it keeps nothing of a run in fields.
 * Found by {@link java.util.ServiceLoader}, or given to {@link Engine#start}.
 *
 * @param <P> the payload, a record that Jackson reads
 */
public interface JobHandler<P> {
  /** On what a handler runs. */
  enum Threading {
    /** The run's event loop: for handlers that never block. */
    EVENT_LOOP,
    /** A worker thread, of as many as the kind has slots. */
    WORKER,
    /** A virtual thread where Java has them (21 and newer), else a worker thread. */
    VIRTUAL
  }

  /** The kind's name, as it stands in the database. */
  String kind();

  /** The payload's class. */
  Class<P> payload();

  /**
   * The payload's JSON Schema (draft 2020-12) as text, or null for the one that follows from the
   * record: its components, all required except {@link MayBeAbsent} ones, and nothing else. No
   * payload that the schema refuses ever reaches {@link #run}.
   */
  default String schema() {
    return null;
  }

  /** Where {@link #run} is called. */
  default Threading threading() {
    return Threading.EVENT_LOOP;
  }

  /**
   * Does the job; on an event loop that it must not block unless {@link #threading} says otherwise.
   *
   * <p>It may be run again after a crash at any point: what it writes through {@link
   * JobContext#write} is written by the current run or not at all.
   *
   * @return how it went; a failed future is a failed attempt
   */
  Future<Outcome> run(JobContext<P> job);
}
