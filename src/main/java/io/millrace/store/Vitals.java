package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How queues, mailboxes and the day's quota stand, over all processes: what metrics, alerts and
 * health are made from. Costs the same however much is kept, since counting stops. Thread-safe.
 */
public final class Vitals {
  /** Ready jobs of a kind are counted up to this. */
  public static final int MOST_READY = 50_000;

  /** Anything else up to this. */
  public static final int MOST_OTHERS = 10_000;

  private static final String VITALS = Sql.named("vitals");

  private final Pool pool;

  /** Works on the pool's connections. */
  public Vitals(Pool pool) {
    this.pool = pool;
  }

  /**
   * How a kind stands.
   *
   * @param queue the queue that the kind belongs to
   * @param ready jobs that could run now, at most {@link #MOST_READY}
   * @param oldestMs how long the oldest of them has been ready; empty if there is none
   * @param scheduled jobs whose time has not come
   * @param waiting jobs with unfinished parents
   * @param dead letters that are not redriven
   * @param deadLately letters of the last hour
   * @param done jobs that ended well since the day asked for; these and the rest only grow
   * @param failed jobs that failed for good
   * @param ran of both, how many tell how long they waited and ran
   * @param runMs all together
   * @param waitMs all together, from ready to the start of the last run
   */
  public record Queue(
      String kind,
      String queue,
      boolean paused,
      long ready,
      OptionalDouble oldestMs,
      long running,
      long scheduled,
      long waiting,
      long dead,
      long deadLately,
      long done,
      long failed,
      long ran,
      long runMs,
      long waitMs) {}

  /**
   * The kinds, at most 200, in the order of their names.
   *
   * @param since the first day, in UTC, whose ends are summed
   */
  public Future<List<Queue>> queues(LocalDate since) {
    return pool.preparedQuery(VITALS)
        .execute(Tuple.of(MOST_READY, MOST_OTHERS, since))
        .map(
            rows -> {
              List<Queue> queues = new ArrayList<>(rows.size());
              rows.forEach(row -> queues.add(queue(row)));
              return queues;
            });
  }

  private static Queue queue(Row row) {
    Double oldest = row.getDouble("oldest_ms");
    return new Queue(
        row.getString("name"),
        row.getString("queue"),
        row.getBoolean("paused"),
        row.getLong("ready"),
        oldest == null ? OptionalDouble.empty() : OptionalDouble.of(Math.max(0, oldest)),
        row.getLong("running"),
        row.getLong("scheduled"),
        row.getLong("waiting"),
        row.getLong("dead"),
        row.getLong("dead_lately"),
        row.getLong("done"),
        row.getLong("failed"),
        row.getLong("ran"),
        row.getLong("run_ms"),
        row.getLong("wait_ms"));
  }

  /**
   * How long ago nineteen of twenty mailboxes at the least were last found in step, in
   * milliseconds, by a sample of ten thousand. Those that wait for their owner, and those whose
   * first sync is not over, are left out; empty if no other is left.
   */
  public Future<OptionalDouble> lagMs() {
    return pool.preparedQuery(
            """
            select extract(epoch from percentile_disc(0.95) within group (order by clock() - synced_at))::float8 * 1000
              from (select synced_at from mailbox where trouble is null and synced_at is not null limit $1) m""")
        .execute(Tuple.of(MOST_OTHERS))
        .map(rows -> rows.iterator().next().getDouble(0))
        .map(ms -> ms == null ? OptionalDouble.empty() : OptionalDouble.of(Math.max(0, ms)));
  }

  /**
   * What ended on one day.
   *
   * @param done jobs that ended well
   * @param failed jobs that failed for good
   * @param ran of both, how many tell how long they waited and ran
   * @param runMs all together
   * @param waitMs all together
   */
  public record Today(long done, long failed, long ran, long runMs, long waitMs) {
    /** The share of jobs that ended well, 0 to 1; empty if none ended. */
    public OptionalDouble success() {
      return done + failed == 0
          ? OptionalDouble.empty()
          : OptionalDouble.of((double) done / (done + failed));
    }
  }

  /** What has ended today, in UTC by the database's clock. */
  public Future<Today> today() {
    return pool.query(
            """
            select coalesce(sum(jobs) filter (where state in ('completed', 'skipped')), 0)::bigint as done,
                   coalesce(sum(jobs) filter (where state = 'dead'), 0)::bigint as failed,
                   coalesce(sum(ran), 0)::bigint as ran, coalesce(sum(run_ms), 0)::bigint as run_ms,
                   coalesce(sum(wait_ms), 0)::bigint as wait_ms
              from job_tally where day = (clock() at time zone 'UTC')::date""")
        .execute()
        .map(rows -> rows.iterator().next())
        .map(
            row ->
                new Today(
                    row.getLong("done"),
                    row.getLong("failed"),
                    row.getLong("ran"),
                    row.getLong("run_ms"),
                    row.getLong("wait_ms")));
  }

  /** Units of Google's day with a number that all processes have taken; 0 if none. */
  public Future<Long> dayUnits(long day) {
    return pool.preparedQuery(
            "select leased_units from quota_ledger where scope = 'day' and key = $1")
        .execute(Tuple.of(day))
        .map(rows -> rows.size() == 0 ? 0 : rows.iterator().next().getLong(0));
  }
}
