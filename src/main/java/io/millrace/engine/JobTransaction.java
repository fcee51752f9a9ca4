package io.millrace.engine;

import io.millrace.store.Jobs;
import io.millrace.store.NewJob;
import io.millrace.store.RunKey;
import io.millrace.store.Settlement;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;

/**
 * A transaction of a run: what it writes commits together, and only while the run is current. Not
 * to be used after the future of the work that it was given to has completed.
 */
public final class JobTransaction {
  private final SqlConnection connection;
  private final Jobs jobs;
  private final Enqueuer enqueuer;
  private final RunKey key;
  private final TraceParent trace;
  private final int failures;
  private boolean enqueued;
  private boolean settled;
  private boolean advanced;

  JobTransaction(
      SqlConnection connection,
      Jobs jobs,
      Enqueuer enqueuer,
      RunKey key,
      TraceParent trace,
      int failures) {
    this.connection = connection;
    this.jobs = jobs;
    this.enqueuer = enqueuer;
    this.key = key;
    this.trace = trace;
    this.failures = failures;
  }

  /** The connection that holds the fence. */
  public SqlConnection connection() {
    return connection;
  }

  /**
   * Enqueues follow-up jobs, which exist if and only if this transaction commits, and belong to
   * this run's trace. Kinds that only other processes know are let through.
   *
   * @return fails with {@link PayloadException} if a kind does not accept its payload
   */
  public Future<Void> enqueue(List<NewJob> follow) {
    enqueued |= !follow.isEmpty();
    return enqueuer.follow(connection, follow, trace);
  }

  /** Leaves a checkpoint for the next run, or for this one after a crash. */
  public Future<Void> checkpoint(String json) {
    advanced = true;
    return jobs.checkpoint(connection, key, failures, json);
  }

  /** Completes the job in this very transaction: its work is done exactly once. */
  public Future<Void> complete(String note) {
    settled = true;
    return jobs.endings()
        .settle(
            connection, List.of(new Settlement.Finished(key, "completed", ErrorRecord.words(note))))
        .mapEmpty();
  }

  boolean enqueued() {
    return enqueued;
  }

  boolean advanced() {
    return advanced;
  }

  boolean settled() {
    return settled;
  }
}
