package io.millrace.pipeline;

import io.millrace.engine.JobContext;
import io.millrace.engine.JobTransaction;
import io.millrace.store.NewJob;
import io.millrace.store.SyncRuns;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * How a sync ends well: the mailbox is in step, the job is completed, and the next look is enqueued
 * if the mailbox is followed, all in the caller's transaction.
 *
 * @param pollEvery how long until the next look, by the database's clock; zero for none
 */
record SyncEnd(JobContext<GmailSync.Payload> job, SyncRuns runs, Duration pollEvery) {
  /** The run has accounted for everything up to its cursor. */
  Future<Void> complete(JobTransaction tx, SyncCheckpoint at) {
    return runs.complete(tx.connection(), job.user(), at.run(), at.cursor(), GmailSync.KIND)
        .compose(closed -> end(tx, closed.now()));
  }

  /** Nothing has happened since the mailbox's cursor: no run was needed. */
  Future<Void> unchanged(JobTransaction tx) {
    return runs.unchanged(tx.connection(), job.user(), GmailSync.KIND)
        .compose(closed -> end(tx, closed.now()));
  }

  private Future<Void> end(JobTransaction tx, Instant now) {
    return tx.complete(null)
        .compose(
            v ->
                pollEvery.isZero()
                    ? Future.<Void>succeededFuture()
                    : tx.enqueue(
                        List.of(
                            NewJob.of(job.user(), GmailSync.KIND, "{}")
                                .once(GmailSync.DEDUP_KEY)
                                .at(now.plus(pollEvery)))));
  }
}
