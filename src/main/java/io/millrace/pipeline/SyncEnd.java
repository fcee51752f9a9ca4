package io.millrace.pipeline;

import io.millrace.engine.JobContext;
import io.millrace.engine.JobTransaction;
import io.millrace.store.SyncRuns;
import io.millrace.store.SyncRuns.Closed;
import io.vertx.core.Future;

/**
 * How a sync ends well: the mailbox is in step, the job is completed, and the next look is enqueued
 * if the mailbox is followed, all in the caller's transaction. Gmail is asked before it to tell of
 * changes, if it is to.
 *
 * @param cursor where the mailbox was before the sync; null if it never was in step
 */
record SyncEnd(JobContext<GmailSync.Payload> job, SyncRuns runs, WatchKeeper watch, String cursor) {
  /** What can be said of the next look before the end: to be asked for outside a transaction. */
  Future<FollowUp> prepare() {
    return watch.keep(job).map(poll -> FollowUp.of(poll, job.payload(), cursor));
  }

  /** The run has accounted for everything up to its cursor. */
  Future<Void> complete(JobTransaction tx, SyncCheckpoint at, FollowUp next) {
    return runs.complete(tx.connection(), job.user(), at.run(), at.cursor(), GmailSync.KIND)
        .compose(closed -> end(tx, next, at.cursor(), closed));
  }

  /** Nothing has happened since the mailbox's cursor: no run was needed. */
  Future<Void> unchanged(JobTransaction tx, FollowUp next) {
    return runs.unchanged(tx.connection(), job.user(), GmailSync.KIND)
        .compose(closed -> end(tx, next, cursor, closed));
  }

  /**
   * Whoever tells of more from now on waits for the row that was closed, and finds the next job.
   */
  private Future<Void> end(JobTransaction tx, FollowUp next, String reached, Closed closed) {
    return tx.complete(null).compose(v -> tx.enqueue(next.jobs(job.user(), reached, closed)));
  }
}
