package io.millrace.store;

import io.millrace.limit.Ledger;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The quota ledger in PostgreSQL, on the database's clock. Thread-safe. */
public final class QuotaLedger implements Ledger {
  private static final String LEASE = Sql.named("lease_quota");

  private final Pool pool;
  private final double timeScale;

  /**
   * @param timeScale what is recorded beside each lease: when it has changed, one old window is
   *     waited out
   */
  public QuotaLedger(Pool pool, double timeScale) {
    this.pool = pool;
    this.timeScale = timeScale;
  }

  @Override
  public Future<List<Slice>> lease(List<Key> keys, double lengthMs) {
    // In one order, so that two processes never lock each other's rows crosswise.
    List<Key> sorted =
        keys.stream().sorted(Comparator.comparing(Key::scope).thenComparing(Key::key)).toList();
    Tuple tuple = new Columns<>(sorted, Tuple.tuple()).text(Key::scope).number(Key::key).tuple();
    return pool.preparedQuery(LEASE)
        .execute(tuple.addDouble(lengthMs).addDouble(timeScale))
        .map(
            rows -> {
              List<Slice> slices = new ArrayList<>(rows.size());
              for (Row row : rows) {
                slices.add(
                    new Slice(
                        new Key(row.getString("scope"), row.getLong("key")),
                        row.getDouble("until_ms") - lengthMs,
                        row.getDouble("until_ms"),
                        row.getLong("mark"),
                        row.getLong("until_mark"),
                        row.getDouble("weight"),
                        closing(row)));
              }
              return slices;
            });
  }

  @Override
  public Future<Day> takeDay(long day, long units, long limit) {
    return pool.preparedQuery(
            """
            insert into quota_ledger (scope, key, time_scale) values ('day', $1, $2)
            on conflict do nothing""")
        .execute(Tuple.of(day, timeScale))
        .compose(
            v ->
                pool.preparedQuery(
                        """
                        update quota_ledger l set leased_units = greatest(o.leased_units, least(o.leased_units + $2, $3))
                          from (select scope, key, leased_units from quota_ledger
                                 where scope = 'day' and key = $1 for update) o
                         where l.scope = o.scope and l.key = o.key
                        returning l.leased_units - o.leased_units, l.leased_units""")
                    .execute(Tuple.of(day, units, limit)))
        .map(rows -> rows.iterator().next())
        .map(row -> new Day(row.getLong(0), row.getLong(1)));
  }

  @Override
  public Future<Void> close(Closed closed) {
    return pool.preparedQuery(
            """
            insert into quota_ledger as l (scope, key, closed_until, time_scale) values ($1, $2, $3, $4)
            on conflict (scope, key) do update
               set closed_until = greatest(l.closed_until, excluded.closed_until)""")
        .execute(
            Tuple.of(
                closed.key().scope(),
                closed.key().key(),
                closed.until().atOffset(ZoneOffset.UTC),
                timeScale))
        .mapEmpty();
  }

  @Override
  public Future<List<Closed>> closed() {
    return pool.query(
            "select scope, key, closed_until from quota_ledger where closed_until > clock() limit 100000")
        .execute()
        .map(
            rows -> {
              List<Closed> closed = new ArrayList<>(rows.size());
              for (Row row : rows) {
                closed.add(
                    new Closed(
                        new Key(row.getString("scope"), row.getLong("key")),
                        instant(row, "closed_until")));
              }
              return closed;
            });
  }

  /** What closes a bucket the longest, itself or that of the project; null if neither. */
  private static Closed closing(Row row) {
    Instant own = instant(row, "closed_until");
    Instant all = instant(row, "project_closed_until");
    if (all != null && (own == null || !own.isAfter(all))) {
      return new Closed(PROJECT, all);
    }
    return own == null
        ? null
        : new Closed(new Key(row.getString("scope"), row.getLong("key")), own);
  }

  private static Instant instant(Row row, String column) {
    OffsetDateTime at = row.getOffsetDateTime(column);
    return at == null ? null : at.toInstant();
  }
}
