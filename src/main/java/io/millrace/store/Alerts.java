package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/** What is wrong, and was. Thread-safe. */
public final class Alerts {
  private static final int MOST = 1_000;
  private static final int STEP = 10_000;

  private final Pool pool;

  /** Works on the pool's connections. */
  public Alerts(Pool pool) {
    this.pool = pool;
  }

  /**
   * What an alert is about.
   *
   * @param source one word
   * @param subject which of them; may be empty
   */
  public record Key(String source, String subject) {}

  /**
   * How one stands that is wrong, or about to be told.
   *
   * @param level ok, warn or critical
   * @param pending the level that it will soon have; null if none
   * @param pendingSince null as well then
   * @param seenAt when there were figures last
   */
  public record Standing(
      Key key,
      String level,
      Instant since,
      String pending,
      Instant pendingSince,
      double value,
      double threshold,
      Instant seenAt) {}

  /**
   * Something became wrong, worse, better or right.
   *
   * @param id 0 before it is written; grows
   * @param value null if there were no figures any more
   */
  public record Event(
      long id,
      Instant at,
      Key key,
      String level,
      String was,
      Double value,
      double threshold,
      String sentence) {}

  /**
   * What is to be written.
   *
   * @param over rows that go
   */
  public record Changes(List<Standing> standing, List<Key> over, List<Event> events) {}

  /**
   * Judges in one transaction, which holds the rows meanwhile.
   *
   * @param keys of whatever may change
   * @param judge is given the rows of these keys, and of all that was not seen for a while, with
   *     the database's present; answers what is to be written
   * @param staleMs after how many milliseconds without figures a row is given, whatever its key
   * @return the events, as written
   */
  public Future<List<Event>> judge(
      Collection<Key> keys, long staleMs, BiFunction<List<Standing>, Instant, Changes> judge) {
    return pool.withTransaction(
        connection ->
            now(connection)
                .compose(
                    now ->
                        held(connection, keys, staleMs)
                            .map(rows -> judge.apply(rows, now))
                            .compose(changes -> write(connection, changes))));
  }

  private static Future<Instant> now(SqlConnection connection) {
    return connection
        .query("select clock()")
        .execute()
        .map(rows -> rows.iterator().next().getOffsetDateTime(0).toInstant());
  }

  private static Future<List<Standing>> held(
      SqlConnection connection, Collection<Key> keys, long staleMs) {
    List<Key> all = List.copyOf(keys);
    return connection
        .preparedQuery(
            """
            select a.* from alert a
             where (a.source, a.subject) in (select * from unnest($1::text[], $2::text[]))
                or a.seen_at < clock() - $3 * interval '1 millisecond'
             order by a.source, a.subject for update""")
        .execute(
            new Columns<>(all, Tuple.tuple())
                .text(Key::source)
                .text(Key::subject)
                .tuple()
                .addLong(staleMs))
        .map(rows -> list(rows, Alerts::standing));
  }

  private static Future<List<Event>> write(SqlConnection connection, Changes changes) {
    return upsert(connection, changes.standing())
        .compose(v -> remove(connection, changes.over()))
        .compose(v -> insert(connection, changes.events()));
  }

  private static Future<Void> upsert(SqlConnection connection, List<Standing> rows) {
    if (rows.isEmpty()) {
      return Future.succeededFuture();
    }
    List<Tuple> tuples =
        rows.stream()
            .sorted(Comparator.comparing((Standing s) -> s.key().source() + s.key().subject()))
            .map(
                s ->
                    Tuple.of(
                        s.key().source(),
                        s.key().subject(),
                        s.level(),
                        at(s.since()),
                        s.pending(),
                        at(s.pendingSince()),
                        s.value(),
                        s.threshold(),
                        at(s.seenAt())))
            .toList();
    return connection
        .preparedQuery(
            """
            insert into alert (source, subject, level, since, pending, pending_since, value, threshold, seen_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            on conflict (source, subject) do update
               set level = excluded.level, since = excluded.since, pending = excluded.pending,
                   pending_since = excluded.pending_since, value = excluded.value,
                   threshold = excluded.threshold, seen_at = excluded.seen_at""")
        .executeBatch(tuples)
        .mapEmpty();
  }

  private static Future<Void> remove(SqlConnection connection, List<Key> keys) {
    return keys.isEmpty()
        ? Future.succeededFuture()
        : connection
            .preparedQuery(
                """
                delete from alert
                 where (source, subject) in (select * from unnest($1::text[], $2::text[]))""")
            .execute(
                new Columns<>(keys, Tuple.tuple()).text(Key::source).text(Key::subject).tuple())
            .mapEmpty();
  }

  private static Future<List<Event>> insert(SqlConnection connection, List<Event> events) {
    List<Event> written = new ArrayList<>();
    Future<Void> done = Future.succeededFuture();
    for (Event e : events) {
      done =
          done.compose(
                  v ->
                      connection
                          .preparedQuery(
                              """
                              insert into alert_event (at, source, subject, level, was, value, threshold, sentence)
                              values ($1, $2, $3, $4, $5, $6, $7, $8) returning *""")
                          .execute(
                              Tuple.of(
                                  at(e.at()),
                                  e.key().source(),
                                  e.key().subject(),
                                  e.level(),
                                  e.was(),
                                  e.value(),
                                  e.threshold(),
                                  e.sentence())))
              .onSuccess(rows -> written.add(event(rows.iterator().next())))
              .mapEmpty();
    }
    return done.map(written);
  }

  /** What is wrong now, the worst and then the oldest first; at most a thousand. */
  public Future<List<Standing>> open() {
    return pool.preparedQuery(
            "select * from alert where level <> 'ok' order by level = 'critical' desc, since limit $1")
        .execute(Tuple.of(MOST))
        .map(rows -> list(rows, Alerts::standing));
  }

  /**
   * What was told, the newest first.
   *
   * @param before an event's id; {@link Long#MAX_VALUE} for the newest
   * @param most 1 to 1,000
   */
  public Future<List<Event>> events(long before, int most) {
    return pool.preparedQuery("select * from alert_event where id < $1 order by id desc limit $2")
        .execute(Tuple.of(before, Math.min(MOST, Math.max(1, most))))
        .map(rows -> list(rows, Alerts::event));
  }

  /** Forgets what was told more than so many days ago, some of it at a time. */
  public Future<Void> forget(int days) {
    return pool.preparedQuery(
            """
            delete from alert_event where id in (
              select id from alert_event where at < clock() - $1 * interval '1 day' order by at limit $2)""")
        .execute(Tuple.of(days, STEP))
        .mapEmpty();
  }

  private static <T> List<T> list(Iterable<Row> rows, Function<Row, T> read) {
    List<T> all = new ArrayList<>();
    rows.forEach(row -> all.add(read.apply(row)));
    return all;
  }

  private static Standing standing(Row row) {
    return new Standing(
        key(row),
        row.getString("level"),
        instant(row, "since"),
        row.getString("pending"),
        instant(row, "pending_since"),
        row.getDouble("value"),
        row.getDouble("threshold"),
        instant(row, "seen_at"));
  }

  private static Event event(Row row) {
    return new Event(
        row.getLong("id"),
        instant(row, "at"),
        key(row),
        row.getString("level"),
        row.getString("was"),
        row.getDouble("value"),
        row.getDouble("threshold"),
        row.getString("sentence"));
  }

  private static Key key(Row row) {
    return new Key(row.getString("source"), row.getString("subject"));
  }

  private static OffsetDateTime at(Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  private static Instant instant(Row row, String column) {
    OffsetDateTime at = row.getOffsetDateTime(column);
    return at == null ? null : at.toInstant();
  }
}
