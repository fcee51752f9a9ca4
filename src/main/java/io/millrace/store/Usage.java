package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What users' work took, day by day in UTC. Thread-safe.
 *
 * <p>Calls are added by the processes that make them, now and then; jobs are counted from the
 * stream of changes, each once, with {@link Tallies}.
 */
public final class Usage {
  private static final int MOST = 1_000;
  private static final int STEP = 20_000;
  private static final String SUMS =
      """
      select day, user_id, sum(units)::bigint as units, sum(calls)::bigint as calls, sum(bytes)::bigint as bytes,
             sum(tokens)::bigint as tokens, sum(jobs)::bigint as jobs, sum(dead)::bigint as dead,
             sum(run_ms)::bigint as run_ms
        from usage_daily
      """;

  private final Pool pool;

  /** Works on the pool's connections. */
  public Usage(Pool pool) {
    this.pool = pool;
  }

  /**
   * What came since it was last added.
   *
   * @param kind of the jobs that it is for
   */
  public record Spent(long user, String kind, long units, long calls, long bytes, long tokens) {}

  /** Adds to today's figures. */
  public Future<Void> add(List<Spent> spent) {
    Tuple tuple =
        new Columns<>(spent, Tuple.tuple())
            .number(Spent::user)
            .text(Spent::kind)
            .number(Spent::units)
            .number(Spent::calls)
            .number(Spent::bytes)
            .number(Spent::tokens)
            .tuple();
    return spent.isEmpty()
        ? Future.succeededFuture()
        : pool.preparedQuery(
                """
                insert into usage_daily as u (day, user_id, kind, units, calls, bytes, tokens)
                select (clock() at time zone 'UTC')::date, s.*
                  from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
                       as s(user_id, kind, units, calls, bytes, tokens)
                 order by user_id, kind
                    on conflict (day, user_id, kind) do update
                   set units = u.units + excluded.units, calls = u.calls + excluded.calls,
                       bytes = u.bytes + excluded.bytes, tokens = u.tokens + excluded.tokens""")
            .execute(tuple)
            .mapEmpty();
  }

  /**
   * A user's day.
   *
   * @param jobs that ended, well or not
   * @param dead of them, for good
   */
  public record Day(
      LocalDate day,
      long user,
      long units,
      long calls,
      long bytes,
      long tokens,
      long jobs,
      long dead,
      long runMs) {
    /** The share of jobs that ended well, 0 to 1; empty if none ended. */
    public Optional<Double> success() {
      return jobs == 0 ? Optional.empty() : Optional.of(1 - (double) dead / jobs);
    }
  }

  /** Prices: what a unit, a token and a byte cost. */
  public record Prices(double unit, double token, double bytes) {}

  /**
   * The users of a day, those first who cost most, then those who spent most units.
   *
   * @param most 1 to 1,000
   */
  public Future<List<Day>> dearest(LocalDate day, Prices prices, int most) {
    return pool.preparedQuery(
            SUMS
                + """
            where day = $1
             group by day, user_id
             order by sum(units) * $2::float8 + sum(tokens) * $3::float8 + sum(bytes) * $4::float8 desc,
                      sum(units) desc, user_id
             limit $5""")
        .execute(
            Tuple.of(
                day,
                prices.unit(),
                prices.token(),
                prices.bytes(),
                Math.min(MOST, Math.max(1, most))))
        .map(Usage::days);
  }

  /**
   * A user's day, with the address.
   *
   * @param email null if the user has no mailbox
   */
  public record OfUser(String email, Day day) {}

  /** As {@link #dearest}, with addresses. */
  public Future<List<OfUser>> dearestUsers(LocalDate day, Prices prices, int most) {
    return dearest(day, prices, most).compose(this::named);
  }

  /**
   * The users of a day of whose jobs any failed for good, those first who lost most.
   *
   * @param most 1 to 1,000
   */
  public Future<List<OfUser>> unluckiest(LocalDate day, int most) {
    return pool.preparedQuery(
            SUMS
                + "where day = $1 group by day, user_id having sum(dead) > 0 order by sum(dead) desc, user_id limit $2")
        .execute(Tuple.of(day, Math.min(MOST, Math.max(1, most))))
        .map(Usage::days)
        .compose(this::named);
  }

  private Future<List<OfUser>> named(List<Day> days) {
    return pool.preparedQuery("select user_id, email from account where user_id = any($1)")
        .execute(new Columns<>(days, Tuple.tuple()).number(Day::user).tuple())
        .map(
            rows -> {
              Map<Long, String> emails = new HashMap<>();
              rows.forEach(row -> emails.put(row.getLong(0), row.getString(1)));
              return days.stream().map(d -> new OfUser(emails.get(d.user()), d)).toList();
            });
  }

  /** The days of all users together from one on, the oldest first; at most a thousand. */
  public Future<List<Day>> ofAll(LocalDate since) {
    return pool.preparedQuery(
            SUMS.replace("user_id", "0::bigint as user_id")
                + "where day >= $1 group by day order by day limit $2")
        .execute(Tuple.of(since, MOST))
        .map(Usage::days);
  }

  /** A user's days from one on, the oldest first; at most a thousand. */
  public Future<List<Day>> of(long user, LocalDate since) {
    return pool.preparedQuery(
            SUMS
                + """
            where day >= $2 and user_id = $1
             group by day, user_id order by day limit $3""")
        .execute(Tuple.of(user, since, MOST))
        .map(Usage::days);
  }

  /** Today by the database's clock, in UTC. */
  public Future<LocalDate> today() {
    return pool.query("select (clock() at time zone 'UTC')::date")
        .execute()
        .map(rows -> rows.iterator().next().getLocalDate(0));
  }

  /** Forgets what is older than so many days, some of it at a time. */
  public Future<Integer> forget(int days) {
    return pool.preparedQuery(
            """
            delete from usage_daily where ctid = any (array(
              select ctid from usage_daily where day < (clock() at time zone 'UTC')::date - $1::int
               order by day limit $2))""")
        .execute(Tuple.of(days, STEP))
        .map(rows -> rows.rowCount());
  }

  private static List<Day> days(Iterable<Row> rows) {
    List<Day> days = new ArrayList<>();
    rows.forEach(
        row ->
            days.add(
                new Day(
                    row.getLocalDate("day"),
                    row.getLong("user_id"),
                    row.getLong("units"),
                    row.getLong("calls"),
                    row.getLong("bytes"),
                    row.getLong("tokens"),
                    row.getLong("jobs"),
                    row.getLong("dead"),
                    row.getLong("run_ms"))));
    return days;
  }
}
