package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;

/**
 * What Gmail has told of mailboxes. All writes belong to the caller's transaction. Stateless.
 *
 * <p>A notice raises {@code mailbox.notified_history_id} and so holds the mailbox's row until its
 * job is enqueued; {@link SyncRuns#complete} holds the same row until the job that follows is. So
 * one of the two sees the other's work, and no notice is lost between them.
 */
public final class Notices {
  private static final String HURRY = Sql.named("hurry");

  /** What a notice meant. */
  public enum Kind {
    /** No mailbox has this address. */
    UNKNOWN,
    /** Everything up to there is known, or is being looked for already. */
    OLD,
    /** Nothing can be fetched: there is no grant, Google accepts it no longer, or it is paused. */
    SHUT,
    /** The mailbox is behind. */
    NEW
  }

  /**
   * What came of a notice.
   *
   * @param user whose mailbox it is; 0 if unknown
   */
  public record Raised(Kind kind, long user) {}

  /**
   * Notes how far a mailbox's history has come; never back.
   *
   * @param email in lower case
   * @param historyId unsigned, 64 bits
   */
  public Future<Raised> raise(SqlConnection connection, String email, String historyId) {
    return connection
        .preparedQuery(
            """
            with raised as (
              update mailbox m set notified_history_id = $2::text::numeric
                from account a
               where a.email = $1 and m.user_id = a.user_id
                 and coalesce(m.notified_history_id, -1) < $2::text::numeric
              returning m.user_id, coalesce(m.cursor < $2::text::numeric, true) as behind
            )
            select a.user_id, coalesce(r.behind, false) as behind,
                   m.paused_at is null
                     and exists (select from google_token g
                                  where g.user_id = a.user_id and g.dead_reason is null) as open
              from account a
              join mailbox m using (user_id)
              left join raised r using (user_id)
             where a.email = $1""")
        .execute(Tuple.of(email, historyId))
        .map(
            rows ->
                rows.size() == 0 ? new Raised(Kind.UNKNOWN, 0) : raised(rows.iterator().next()));
  }

  private static Raised raised(Row row) {
    Kind kind =
        !row.getBoolean("behind") ? Kind.OLD : row.getBoolean("open") ? Kind.NEW : Kind.SHUT;
    return new Raised(kind, row.getLong("user_id"));
  }

  /**
   * Lets the job that holds a dedup key start now if it only waits for its time and has never run.
   *
   * @return whether there was one
   */
  public Future<Boolean> hurry(SqlConnection connection, long user, String key) {
    return connection
        .preparedQuery(HURRY)
        .execute(Tuple.of(user, key))
        .map(rows -> rows.iterator().next().getLong("hurried") > 0);
  }
}
