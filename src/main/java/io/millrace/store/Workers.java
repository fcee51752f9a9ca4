package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The register of worker processes and their leases. Thread-safe. */
public final class Workers {
  private final Pool pool;

  /** Works on the pool's connections. */
  public Workers(Pool pool) {
    this.pool = pool;
  }

  /** Registers a worker that runs no kinds yet. */
  public Future<Integer> register(String host, long pid, long leaseMs, boolean alone) {
    return register(host, pid, leaseMs, alone, Set.of());
  }

  /**
   * Registers a worker and makes the daily partitions that it will write to.
   *
   * @param alone whether no other process can be using the database: then all earlier workers are
   *     known to be dead, and their jobs are free at once
   * @param kinds the names of the kinds that it runs
   * @return the worker's number
   */
  public Future<Integer> register(
      String host, long pid, long leaseMs, boolean alone, Set<String> kinds) {
    String[] names = kinds.stream().sorted().toArray(String[]::new);
    Future<?> buried =
        alone
            ? pool.query("update worker set stopped_at = clock() where stopped_at is null")
                .execute()
            : Future.succeededFuture();
    return buried
        .compose(v -> pool.query("select make_days(7)").execute())
        .compose(
            v ->
                pool.preparedQuery("select know_kinds($1::text[])")
                    .execute(Tuple.tuple().addValue(names)))
        .compose(
            v ->
                pool.preparedQuery(
                        """
                        insert into worker (host, pid, expires_at, kinds)
                        values ($1, $2, clock() + $3 * interval '1 millisecond',
                                array(select id from job_kind where name = any($4::text[]) order by id))
                        returning id""")
                    .execute(Tuple.of(host, pid, leaseMs).addValue(names)))
        .map(rows -> rows.iterator().next().getInteger(0));
  }

  /**
   * Renews a lease.
   *
   * @return false if it had run out: the worker's jobs may be somebody else's by now
   */
  public Future<Boolean> heartbeat(int worker, long leaseMs) {
    return pool.preparedQuery(
            """
            update worker set expires_at = clock() + $2 * interval '1 millisecond'
             where id = $1 and stopped_at is null and expires_at >= clock()""")
        .execute(Tuple.of(worker, leaseMs))
        .map(rows -> rows.rowCount() == 1);
  }

  /**
   * What stands as running in a worker's name.
   *
   * @param most how many at the most
   */
  public Future<List<RunKey>> runs(int worker, int most) {
    return pool.preparedQuery("select user_id, id, run from job_running where worker = $1 limit $2")
        .execute(Tuple.of(worker, most))
        .map(
            rows -> {
              List<RunKey> runs = new ArrayList<>(rows.size());
              rows.forEach(
                  row -> runs.add(new RunKey(row.getLong(0), row.getLong(1), row.getInteger(2))));
              return runs;
            });
  }

  /**
   * Whether a worker has ended: stopped, or its lease has passed.
   *
   * @param since since when; null for whenever, which is always so
   */
  public Future<Ends> ended(OffsetDateTime since) {
    return pool.preparedQuery(
            """
            select clock() as now,
                   $1::timestamptz is null
                   or exists (select from worker
                               where least(stopped_at, expires_at) between $1 and clock()) as some""")
        .execute(Tuple.of(since))
        .map(rows -> rows.iterator().next())
        .map(row -> new Ends(row.getOffsetDateTime("now"), row.getBoolean("some")));
  }

  /**
   * Whether a worker has ended.
   *
   * @param at the database's time at which this was so
   */
  public record Ends(OffsetDateTime at, boolean some) {}

  /**
   * When the first run will be over its deadline and a grace, in milliseconds; now, if a worker
   * that has ended still holds one; null if nothing runs. Reads all that runs.
   */
  public Future<OffsetDateTime> firstLoss(long graceMs) {
    return pool.preparedQuery(
            """
            select min(case when w.id is null or w.stopped_at is not null or w.expires_at < clock() then clock()
                            else j.deadline + $1 * interval '1 millisecond' end)
              from job_running j left join worker w on w.id = j.worker""")
        .execute(Tuple.of(graceMs))
        .map(rows -> rows.iterator().next().getOffsetDateTime(0));
  }

  /** Ends a lease; what the worker still runs is free for others. */
  public Future<Void> stop(int worker) {
    return pool.preparedQuery("update worker set stopped_at = clock() where id = $1")
        .execute(Tuple.of(worker))
        .mapEmpty();
  }

  /** Makes the daily partitions for the week ahead. */
  public Future<Void> makeDays() {
    return pool.query("select make_days(7)").execute().mapEmpty();
  }
}
