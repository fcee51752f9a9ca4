package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Who did what, when, to what and from where: one row for each action, committed together with it
 * or not at all, and never changed. Thread-safe.
 */
public final class AuditLog {
  /** The most rows on a page. */
  public static final int MOST = 500;

  private static final int TRIES = 5;
  private static final String UNIQUE = "23505";

  /**
   * Others stood in the way; 25P02 says that a part of the work tried again in a transaction that
   * had failed already.
   */
  private static final Set<String> HELD_UP = Set.of("40001", "40P01", "55P03", "25P02");

  private final Pool pool;

  /** Works on the pool's connections. */
  public AuditLog(Pool pool) {
    this.pool = pool;
  }

  /**
   * What somebody wants to do.
   *
   * @param actor the name of a token, or an address
   * @param action such as {@code job.cancel}
   * @param target such as {@code job 17}
   * @param origin the address that the request came from
   * @param detail what was asked for
   * @param key under which a repeated request is known, or null
   * @param fingerprint of the request, if it has a key
   */
  public record Entry(
      String actor,
      String role,
      String action,
      String target,
      String origin,
      JsonObject detail,
      String key,
      String fingerprint) {}

  /** A row of the log. */
  public record Logged(long id, OffsetDateTime at, Entry entry, JsonObject result) {}

  /** The key of an action was used before, and that action is committed. */
  public static final class RepeatedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RepeatedException() {
      super("the key was used before", null, false, false);
    }
  }

  /**
   * A scope whose work is committed with a row of this log. If the work or the description of its
   * result fails, neither is; fails with {@link RepeatedException} if the entry's key was used.
   *
   * @param result describes for the log what the work answered
   */
  public Scope scope(Entry entry, Function<Object, JsonObject> result) {
    return new Scope() {
      @Override
      public <T> Future<T> run(Function<Pool, Future<T>> work) {
        return attempt(TRIES, () -> logged(entry, result, work));
      }
    };
  }

  private <T> Future<T> logged(
      Entry entry, Function<Object, JsonObject> result, Function<Pool, Future<T>> work) {
    return pool.withTransaction(
        c ->
            work.apply(new OneTransaction(c))
                .compose(done -> insert(c, entry, result.apply(done)).map(done)));
  }

  private static <T> Future<T> attempt(int tries, Supplier<Future<T>> transaction) {
    return transaction
        .get()
        .recover(
            e ->
                tries > 1 && e instanceof PgException p && HELD_UP.contains(p.getSqlState())
                    ? attempt(tries - 1, transaction)
                    : Future.failedFuture(e));
  }

  private static Future<Void> insert(SqlConnection connection, Entry entry, JsonObject result) {
    return connection
        .preparedQuery(
            """
            insert into audit_log (actor, role, action, target, origin, detail, result, idempotency_key, fingerprint)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)""")
        .execute(
            Tuple.tuple()
                .addValue(entry.actor())
                .addValue(entry.role())
                .addValue(entry.action())
                .addValue(entry.target())
                .addValue(entry.origin())
                .addValue(entry.detail())
                .addValue(result)
                .addValue(entry.key())
                .addValue(entry.fingerprint()))
        .<Void>mapEmpty()
        .recover(
            e ->
                Future.failedFuture(
                    e instanceof PgException p && UNIQUE.equals(p.getSqlState())
                        ? new RepeatedException()
                        : e));
  }

  /** What was done under a key before; empty if nothing was. */
  public Future<Optional<Logged>> known(String actor, String key) {
    return pool.preparedQuery("select * from audit_log where actor = $1 and idempotency_key = $2")
        .execute(Tuple.of(actor, key))
        .map(
            rows ->
                rows.size() == 0 ? Optional.empty() : Optional.of(logged(rows.iterator().next())));
  }

  /**
   * Which rows are meant. What is null does not matter.
   *
   * @param action the whole, or its beginning up to the dot
   */
  public record Filter(
      String actor, String action, String target, OffsetDateTime from, OffsetDateTime until) {}

  /**
   * Rows, the newest first.
   *
   * @param before only rows below this id; null for the newest
   * @param most 1 to {@link #MOST}
   */
  public Future<List<Logged>> list(Filter filter, Long before, int most) {
    return pool.preparedQuery(
            """
            select * from audit_log
             where ($1::bigint is null or id < $1) and %s
               and ($4::text is null or action = $4 or split_part(action, '.', 1) = $4)
               and ($5::text is null or target = $5)
               and ($6::timestamptz is null or at >= $6) and ($7::timestamptz is null or at < $7)
             order by id desc limit $2"""
                // A plan for any values could not use the index by actor.
                .formatted(filter.actor() == null ? "$3::text is null" : "actor = $3::text"))
        .execute(
            Tuple.of(
                before,
                Math.min(MOST, Math.max(1, most)),
                filter.actor(),
                filter.action(),
                filter.target(),
                filter.from(),
                filter.until()))
        .map(
            rows -> {
              List<Logged> all = new ArrayList<>(rows.size());
              rows.forEach(row -> all.add(logged(row)));
              return all;
            });
  }

  private static Logged logged(Row row) {
    return new Logged(
        row.getLong("id"),
        row.getOffsetDateTime("at"),
        new Entry(
            row.getString("actor"),
            row.getString("role"),
            row.getString("action"),
            row.getString("target"),
            row.getString("origin"),
            row.getJsonObject("detail"),
            row.getString("idempotency_key"),
            row.getString("fingerprint")),
        row.getJsonObject("result"));
  }
}
