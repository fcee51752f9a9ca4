package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Jobs that failed for good: to look at, to correct, to throw away. How they come back to life is
 * told by {@link Redrives}. Thread-safe.
 */
public final class DeadLetters {
  /** The most letters on a page or in a step. */
  public static final int MOST = 500;

  /** Letters that one page looks through. */
  static final int LOOKED_AT = 50_000;

  private static final String COLUMNS =
      """
      d.user_id, d.id, d.kind, d.priority, d.run, d.failures, d.reason, d.error ->> 'message' as message,
      d.dead_at, d.redriven_at, d.redriven_as""";
  private static final String FULL = Sql.named("dead_letter");

  private final Pool pool;
  private final Kinds kinds;

  /** Works on the pool's connections. */
  public DeadLetters(Pool pool, Kinds kinds) {
    this.pool = pool;
    this.kinds = kinds;
  }

  /** Where a page ended. */
  public record Place(OffsetDateTime at, long id) {}

  /**
   * Some letters.
   *
   * @param next where the next page begins, null after the last. A page may be short, or empty,
   *     although there is a next one: how much is looked at is bounded
   */
  public record Page(List<DeadLetter> letters, Place next) {}

  /**
   * Lists letters, the newest first.
   *
   * @param after where the last page ended; null for the first
   * @param most letters on the page, 1 to {@link #MOST}
   */
  public Future<Page> list(DeadFilter filter, Place after, int most) {
    int bound = Math.min(MOST, Math.max(1, most));
    return kindOf(filter)
        .compose(
            kind -> {
              Tuple values = Tuple.of(bound, (long) LOOKED_AT);
              String range = range(filter, kind, after, values);
              return pool.preparedQuery(page(range, filter.traits(values)))
                  .execute(values)
                  .compose(this::named)
                  .compose(
                      letters ->
                          (letters.size() == bound
                                  ? Future.succeededFuture(place(letters.get(bound - 1)))
                                  : edge(filter, kind, after))
                              .map(next -> new Page(letters, next)));
            });
  }

  private static String range(DeadFilter filter, Short kind, Place after, Tuple values) {
    String range = filter.range(kind, values);
    if (after == null) {
      return range;
    }
    values.addValue(after.at()).addValue(after.id());
    return range
        + " and (d.dead_at, d.id) < ($%d, $%d)".formatted(values.size() - 1, values.size());
  }

  /** The statement of a page: so many letters ($1) of those that are looked at ($2). */
  static String page(String range, String traits) {
    return """
        select %s from (select * from job_dead d where %s order by d.dead_at desc, d.id desc limit $2) d
         where true %s order by d.dead_at desc, d.id desc limit $1"""
        .formatted(COLUMNS, range, traits);
  }

  /** The last of the letters that are looked at; null if they were all that there are. */
  private Future<Place> edge(DeadFilter filter, Short kind, Place after) {
    Tuple values = Tuple.of(LOOKED_AT - 1L);
    return pool.preparedQuery(
            "select d.dead_at, d.id from job_dead d where %s order by d.dead_at desc, d.id desc offset $1 limit 1"
                .formatted(range(filter, kind, after, values)))
        .execute(values)
        .map(
            rows ->
                rows.size() == 0
                    ? null
                    : new Place(
                        rows.iterator().next().getOffsetDateTime(0),
                        rows.iterator().next().getLong(1)));
  }

  private static Place place(DeadLetter last) {
    return new Place(last.deadAt(), last.id());
  }

  Future<Short> kindOf(DeadFilter filter) {
    return filter.kind() == null ? Future.succeededFuture() : kinds.known(filter.kind());
  }

  private Future<List<DeadLetter>> named(RowSet<Row> rows) {
    List<Row> all = new ArrayList<>(rows.size());
    rows.forEach(all::add);
    return named(all);
  }

  private Future<List<DeadLetter>> named(List<Row> rows) {
    Set<Short> met = new HashSet<>();
    rows.forEach(row -> met.add(row.getShort("kind")));
    return kinds.names(met).map(names -> rows.stream().map(this::letter).toList());
  }

  private DeadLetter letter(Row row) {
    return new DeadLetter(
        row.getLong("user_id"),
        row.getLong("id"),
        kinds.name(row.getShort("kind")),
        row.getShort("priority"),
        row.getInteger("run"),
        row.getShort("failures"),
        row.getString("reason"),
        row.getString("message"),
        row.getOffsetDateTime("dead_at"),
        row.getOffsetDateTime("redriven_at"),
        row.getLong("redriven_as"));
  }

  /** One letter with all that is known of it; empty if there is none. */
  public Future<Optional<DeadLetter.Full>> read(long user, long id) {
    return pool.preparedQuery(FULL)
        .execute(Tuple.of(user, id))
        .compose(
            rows -> {
              if (rows.size() == 0) {
                return Future.succeededFuture(Optional.empty());
              }
              Row row = rows.iterator().next();
              return named(List.of(row)).map(letters -> Optional.of(full(letters.get(0), row)));
            });
  }

  private static DeadLetter.Full full(DeadLetter letter, Row row) {
    String attempts = row.getString("attempts");
    String options = row.getString("options");
    return new DeadLetter.Full(
        letter,
        row.getString("payload"),
        row.getBoolean("edited"),
        new JsonObject(row.getString("error")),
        attempts == null ? new JsonArray() : new JsonArray(attempts),
        options == null ? new JsonObject() : new JsonObject(options),
        row.getString("dedup_key"),
        row.getOffsetDateTime("created_at"));
  }

  /**
   * Sets the payload that a redrive will use. The body stays as it was enqueued. The caller has
   * checked that the kind takes it.
   *
   * @param payload JSON, at most 5 MiB
   * @return false if there is no such letter or it was redriven
   */
  public Future<Boolean> edit(long user, long id, String payload) {
    return pool.preparedQuery(
            """
            update job_dead set payload = $3::text::jsonb
             where user_id = $1 and id = $2 and redriven_at is null""")
        .execute(Tuple.of(user, id, payload))
        .map(rows -> rows.rowCount() == 1);
  }

  /** Removes a letter for good; answers false if there is none. */
  public Future<Boolean> purge(long user, long id) {
    return pool.preparedQuery("select purge_letters(array[$1::bigint], array[$2::bigint])")
        .execute(Tuple.of(user, id))
        .map(rows -> rows.iterator().next().getInteger(0) == 1);
  }

  /**
   * Removes letters for good, the oldest first.
   *
   * @param most letters in this step, 1 to {@link #MOST}
   * @return how many went; fewer than asked for means that there are no more
   */
  public Future<Integer> purgeSome(DeadFilter filter, int most) {
    int bound = Math.min(MOST, Math.max(1, most));
    return kindOf(filter)
        .compose(
            kind -> {
              Tuple values = Tuple.of(bound);
              return pool.preparedQuery(
                      """
                      select purge_letters(array_agg(user_id), array_agg(id))
                        from (select d.user_id, d.id from job_dead d where %s
                               order by d.dead_at, d.id limit $1 for update) p"""
                          .formatted(filter.condition(kind, values)))
                  .execute(values);
            })
        .map(rows -> rows.iterator().next().getInteger(0));
  }
}
