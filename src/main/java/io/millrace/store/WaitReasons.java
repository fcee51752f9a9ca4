package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/** Answers why an unfinished job is not running yet. Thread-safe. */
public final class WaitReasons {
  /** The most jobs before it that are counted. */
  public static final int MOST_BEFORE = 10_000;

  private static final String WHY = Sql.named("why_waiting");

  private final Pool pool;

  /** Works on the pool's connections. */
  public WaitReasons(Pool pool) {
    this.pool = pool;
  }

  /**
   * One of the things that a job waits for.
   *
   * @param what parents, schedule, paused, no worker, user limit, key limit, kind limit, queue
   *     limit or rank; running if it does run
   * @param detail which of them, or why; null if there is nothing to say
   * @param until when it is over, if that is known: the start of a scheduled job, the deadline of a
   *     running one; null otherwise
   * @param n unfinished parents, the limit, or how many jobs come before it (at most {@link
   *     #MOST_BEFORE}); null otherwise
   */
  public record Cause(String what, String detail, OffsetDateTime until, Long n) {}

  /** The causes, the nearest first; empty if the job is finished, dead or unknown. */
  public Future<List<Cause>> of(long user, long id) {
    return pool.preparedQuery(WHY)
        .execute(Tuple.of(user, id, MOST_BEFORE))
        .map(
            rows -> {
              List<Cause> causes = new ArrayList<>(rows.size());
              rows.forEach(
                  row ->
                      causes.add(
                          new Cause(
                              row.getString("cause"),
                              row.getString("detail"),
                              row.getOffsetDateTime("until"),
                              row.getLong("n"))));
              return causes;
            });
  }
}
