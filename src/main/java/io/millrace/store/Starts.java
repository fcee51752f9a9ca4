package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/**
 * Jobs that begin in the transaction that brings them: one commit where there would be two, and no
 * wait between. Thread-safe.
 */
public final class Starts {
  private static final String START =
      "select id, day, run from start_job($1, $2, $3, $4, $5, $6, $7)";

  /** Somebody changes a limit. */
  private static final String NOT_AVAILABLE = "55P03";

  private final Pool pool;
  private final Kinds kinds;

  /**
   * @param pool on whose connections jobs are brought
   */
  public Starts(Pool pool, Kinds kinds) {
    this.pool = pool;
    this.kinds = kinds;
  }

  /**
   * Brings a job and starts it in a worker's name.
   *
   * @param job without key, start and options; its payload at most {@link NewJob#MAX_PAYLOAD_BYTES}
   * @param low the rank from which to look whether others wait; {@link Long#MIN_VALUE} for all
   * @return null, and nothing is written, if it must wait for its turn
   */
  public Future<ClaimedJob> start(int worker, NewJob job, long timeoutMs, long low) {
    return kinds
        .ids(List.of(job.kind()))
        .compose(
            ids ->
                pool.preparedQuery(START)
                    .execute(
                        Tuple.of(
                            worker,
                            job.user(),
                            ids.get(job.kind()),
                            (short) job.priority(),
                            job.payload(),
                            timeoutMs,
                            low)))
        .map(rows -> rows.size() == 0 ? null : claimed(job, rows.iterator().next()))
        .recover(
            e ->
                e instanceof PgException refused && NOT_AVAILABLE.equals(refused.getSqlState())
                    ? Future.succeededFuture()
                    : Future.failedFuture(e));
  }

  private static ClaimedJob claimed(NewJob job, Row row) {
    return new ClaimedJob(
        new RunKey(job.user(), row.getLong("id"), row.getInteger("run")),
        row.getLocalDate("day"),
        job.kind(),
        0,
        job.payload(),
        null);
  }
}
