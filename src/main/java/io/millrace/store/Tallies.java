package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/**
 * How many jobs ended, by day, kind and state, and how long they took: folded from the stream of
 * changes, so that an overview costs the same however long the history is. Each change is counted
 * once, whichever processes fold. Thread-safe.
 */
public final class Tallies {
  private static final String FOLLOWER = "tallies";
  private static final String FOLD = Sql.named("fold_tallies");

  private final Pool pool;

  /** Works on the pool's connections. */
  public Tallies(Pool pool) {
    this.pool = pool;
  }

  /**
   * Counts what ended since the last fold, in one transaction.
   *
   * @param most changes, 1 to {@link Changes#MOST}
   * @return how many were counted; fewer than asked for means that there are no more for now
   */
  public Future<Integer> fold(int most) {
    int bound = Math.min(Changes.MOST, Math.max(1, most));
    return pool.withTransaction(
            c ->
                Changes.hold(c, FOLLOWER)
                    .compose(place -> c.preparedQuery(FOLD).execute(place.addInteger(bound))))
        .map(rows -> rows.iterator().next().getLong("counted").intValue());
  }

  /**
   * What ended on a day.
   *
   * @param day in UTC
   * @param state completed, skipped, cancelled or dead
   * @param ran how many of the jobs tell how long they waited and ran
   * @param runMs how long their last runs took, all together
   * @param waitMs from ready to the start of the last run, all together
   */
  public record Tally(
      LocalDate day, String kind, String state, long jobs, long ran, long runMs, long waitMs) {}

  /** What ended from a day on, at most the newest ten thousand rows; days and kinds in order. */
  public Future<List<Tally>> since(LocalDate day) {
    return pool.preparedQuery(
            """
            select * from (
              select t.day, k.name as kind, t.state, t.jobs, t.ran, t.run_ms, t.wait_ms
                from job_tally t join job_kind k on k.id = t.kind
               where t.day >= $1 order by t.day desc limit 10000) newest
             order by day, kind, state""")
        .execute(Tuple.of(day))
        .map(
            rows -> {
              List<Tally> tallies = new ArrayList<>(rows.size());
              rows.forEach(row -> tallies.add(tally(row)));
              return tallies;
            });
  }

  private static Tally tally(Row row) {
    return new Tally(
        row.getLocalDate("day"),
        row.getString("kind"),
        row.getString("state"),
        row.getLong("jobs"),
        row.getLong("ran"),
        row.getLong("run_ms"),
        row.getLong("wait_ms"));
  }
}
