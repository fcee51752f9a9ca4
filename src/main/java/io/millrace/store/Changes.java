package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The stream of jobs that ended, for followers that must not miss one: each has a cursor of its
 * own, which moves in the transaction in which the follower does its work. A page shows only what
 * lies below the oldest running transaction, so a late commit is never skipped; what is shown is as
 * old as that transaction. Thread-safe.
 */
public final class Changes {
  /** The most changes on a page. */
  public static final int MOST = 10_000;

  private final Kinds kinds;

  /**
   * @param kinds the names of kinds as the database knows them
   */
  public Changes(Kinds kinds) {
    this.kinds = kinds;
  }

  /**
   * Takes the next changes for a follower, in order, and moves its cursor past them in the caller's
   * transaction. Of two that take under one name at once, the second waits for the first.
   *
   * @param follower a name of 1 to 63 characters; an unknown one begins with the oldest change kept
   * @param most changes on the page, 1 to {@link #MOST}
   * @return empty if there is nothing new
   */
  public Future<List<Change>> take(SqlConnection connection, String follower, int most) {
    if (follower.isEmpty() || follower.length() > 63) {
      return Future.failedFuture(
          new IllegalArgumentException(
              "A follower's name has 1 to 63 characters, not " + follower.length() + "."));
    }
    int bound = Math.min(MOST, Math.max(1, most));
    return hold(connection, follower)
        .compose(
            place ->
                connection
                    .preparedQuery(
                        "select *, xid::text as xid_text from changes($1::text::xid8, $2, $3)")
                    .execute(place.addInteger(bound)))
        .compose(
            rows -> {
              List<Row> page = new ArrayList<>(rows.size());
              Set<Short> met = new HashSet<>();
              for (Row row : rows) {
                page.add(row);
                met.add(row.getShort("kind"));
              }
              if (page.isEmpty()) {
                return Future.succeededFuture(List.of());
              }
              Row last = page.get(page.size() - 1);
              return move(connection, follower, last.getString("xid_text"), last.getLong("id"))
                  .compose(v -> kinds.names(met))
                  .map(names -> page.stream().map(this::change).toList());
            });
  }

  /** Locks a cursor, which is made if it is missing; answers where it stands. */
  static Future<Tuple> hold(SqlConnection connection, String follower) {
    return connection
        .preparedQuery("insert into change_cursor (name) values ($1) on conflict do nothing")
        .execute(Tuple.of(follower))
        .compose(
            v ->
                connection
                    .preparedQuery(
                        "select xid::text, id from change_cursor where name = $1 for update")
                    .execute(Tuple.of(follower)))
        .map(rows -> rows.iterator().next())
        .map(row -> Tuple.of(row.getString(0), row.getLong(1)));
  }

  private static Future<Void> move(SqlConnection connection, String follower, String xid, long id) {
    return connection
        .preparedQuery(
            """
            update change_cursor set xid = $2::text::xid8, id = $3, moved_at = clock()
             where name = $1""")
        .execute(Tuple.of(follower, xid, id))
        .mapEmpty();
  }

  private Change change(Row row) {
    return new Change(
        row.getString("xid_text"),
        row.getLong("id"),
        row.getLong("user_id"),
        kinds.name(row.getShort("kind")),
        row.getString("state"),
        row.getInteger("run"),
        row.getShort("failures"),
        row.getOffsetDateTime("at"),
        row.getOffsetDateTime("ready_at"),
        row.getOffsetDateTime("started_at"));
  }
}
