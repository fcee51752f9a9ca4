package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The table of schedules. All due times are by the database's clock. Thread-safe.
 *
 * <p>Statements that belong to the caller's transaction take its connection; the others take one
 * from the pool.
 */
public final class Schedules {
  private static final String DEFINE = Sql.named("define_schedules");
  private static final String DUE = Sql.named("due_schedules");
  private static final String ADVANCE = Sql.named("advance_schedules");

  private final Pool pool;

  public Schedules(Pool pool) {
    this.pool = pool;
  }

  /** The database's time now, in microseconds. */
  public Future<Instant> clock() {
    return pool.query("select clock()")
        .execute()
        .map(rows -> rows.iterator().next().getOffsetDateTime(0).toInstant());
  }

  /**
   * A schedule and when it is first due.
   *
   * @param firstAt null if never
   */
  public record Definition(Schedule schedule, Instant firstAt) {}

  /**
   * Makes schedules known by name. One that is known keeps its due time unless its spec or zone
   * changed or it was in trouble, and stays paused if it was.
   *
   * @param now the database's time by which the definitions were made; intervals count from it
   */
  public Future<Void> define(List<Definition> definitions, Instant now) {
    if (definitions.isEmpty()) {
      return Future.succeededFuture();
    }
    Columns<Definition> columns =
        new Columns<>(definitions, Tuple.tuple())
            .text(d -> d.schedule().name())
            .number(d -> d.schedule().user())
            .text(d -> d.schedule().kind())
            .integer(d -> d.schedule().priority())
            .text(d -> d.schedule().payload())
            .text(d -> d.schedule().spec())
            .text(d -> d.schedule().zone())
            .text(d -> d.schedule().misfire().text())
            .flag(d -> d.schedule().paused());
    return pool.preparedQuery(DEFINE)
        .execute(
            columns.tuple().addValue(times(definitions, Definition::firstAt)).addValue(utc(now)))
        .mapEmpty();
  }

  /**
   * In how many milliseconds the next schedule is due by the database's clock; null if none is, 0
   * or less if one is due.
   */
  public Future<Long> nextMs() {
    return pool.preparedQuery(
            """
            select ceil(extract(epoch from min(next_at) - clock()) * 1000)::bigint
              from schedule where not paused""")
        .execute()
        .map(rows -> rows.iterator().next().getLong(0));
  }

  /**
   * A schedule that is due, and locked.
   *
   * @param anchor what intervals count from
   * @param at when it was due
   * @param now the database's time of the look
   */
  public record Due(Schedule schedule, Instant anchor, Instant at, Instant now) {}

  /** Locks due schedules until the end of the caller's transaction, those due longest first. */
  public Future<List<Due>> due(SqlConnection connection, int most) {
    return connection
        .preparedQuery(DUE)
        .execute(Tuple.of(most))
        .map(
            rows ->
                list(
                    rows,
                    row ->
                        new Due(
                            schedule(row),
                            time(row, "anchor"),
                            time(row, "next_at"),
                            time(row, "now"))));
  }

  /**
   * How a locked schedule goes on.
   *
   * @param nextAt null for never again
   * @param lastAt the due time of the newest run that was enqueued, null if none was
   * @param lastJob its job, null likewise
   */
  public record Advance(String name, Instant nextAt, Instant lastAt, Long lastJob) {}

  /** Moves schedules on, in the transaction that locked them and enqueued their jobs. */
  public Future<Void> advance(SqlConnection connection, List<Advance> advances) {
    Columns<Advance> names = new Columns<>(advances, Tuple.tuple()).text(Advance::name);
    Tuple tuple =
        names
            .tuple()
            .addValue(times(advances, Advance::nextAt))
            .addValue(times(advances, Advance::lastAt));
    return connection
        .preparedQuery(ADVANCE)
        .execute(new Columns<>(advances, tuple).number(Advance::lastJob).tuple())
        .mapEmpty();
  }

  /** Runs a schedule no more until it is defined anew, and keeps why. */
  public Future<Boolean> giveUp(String name, String trouble) {
    return changed(
        "update schedule set next_at = null, trouble = $2, updated_at = clock() where name = $1",
        Tuple.of(name, trouble));
  }

  /**
   * Enqueues nothing of a schedule until it is resumed; survives restarts.
   *
   * @return whether there is such a schedule
   */
  public Future<Boolean> pause(String name) {
    return changed(
        "update schedule set paused = true, updated_at = clock() where name = $1", Tuple.of(name));
  }

  /** Goes on with a schedule; runs that fell into the pause are missed runs. */
  public Future<Boolean> resume(String name) {
    return changed(
        "update schedule set paused = false, updated_at = clock() where name = $1", Tuple.of(name));
  }

  /** Forgets a schedule; jobs that it enqueued stay. What the configuration names comes back. */
  public Future<Boolean> remove(String name) {
    return changed("delete from schedule where name = $1", Tuple.of(name));
  }

  private Future<Boolean> changed(String sql, Tuple tuple) {
    return pool.preparedQuery(sql).execute(tuple).map(rows -> rows.rowCount() > 0);
  }

  /**
   * A schedule as it stands.
   *
   * @param nextAt null if never again
   * @param lastAt the due time of its newest run, null before the first
   * @param lastJob that run's job, null likewise
   * @param trouble why it is run no more, null if nothing is wrong
   */
  public record State(
      Schedule schedule, Instant nextAt, Instant lastAt, Long lastJob, String trouble) {}

  /**
   * Schedules in the order of their names.
   *
   * @param after only names behind this one; empty for all
   * @param most how many at the most
   */
  public Future<List<State>> list(String after, int most) {
    return pool.preparedQuery(
            """
            select name, user_id, kind, priority, payload::text as payload, spec, zone, misfire,
                   paused, next_at, last_at, last_job, trouble
              from schedule where name > $1 order by name limit $2""")
        .execute(Tuple.of(after, most))
        .map(
            rows ->
                list(
                    rows,
                    row ->
                        new State(
                            schedule(row),
                            time(row, "next_at"),
                            time(row, "last_at"),
                            row.getLong("last_job"),
                            row.getString("trouble"))));
  }

  private static Schedule schedule(Row row) {
    return new Schedule(
        row.getString("name"),
        row.getLong("user_id"),
        row.getString("kind"),
        row.getShort("priority"),
        row.getString("payload"),
        row.getString("spec"),
        row.getString("zone"),
        Misfire.of(row.getString("misfire")),
        row.getBoolean("paused"));
  }

  private static Instant time(Row row, String column) {
    OffsetDateTime time = row.getOffsetDateTime(column);
    return time == null ? null : time.toInstant();
  }

  private static <T> OffsetDateTime[] times(List<T> rows, Function<T, Instant> value) {
    return rows.stream().map(value).map(Schedules::utc).toArray(OffsetDateTime[]::new);
  }

  private static OffsetDateTime utc(Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  private static <T> List<T> list(RowSet<Row> rows, Function<Row, T> map) {
    List<T> list = new ArrayList<>(rows.size());
    rows.forEach(row -> list.add(map.apply(row)));
    return list;
  }
}
