package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;

/**
 * Pauses, resumes and disconnects mailboxes, all in the caller's transaction; each answers whether
 * it changed anything. Stateless.
 */
public final class MailboxControls {
  private static final int MOST_WHY_CHARS = 500;

  /**
   * From now on no sync of the mailbox works; one that runs goes on to the end of its slice.
   *
   * @param why a few words for whoever looks, or null; at most 500 characters are kept
   */
  public Future<Boolean> pause(SqlConnection connection, long user, String why) {
    String words = why == null || why.isBlank() ? null : why.strip().replace("\0", "");
    if (words != null && words.length() > MOST_WHY_CHARS) {
      words = words.substring(0, MOST_WHY_CHARS);
    }
    return changed(
        connection,
        """
        update mailbox set paused_at = clock(), paused_why = $2
         where user_id = $1 and paused_at is null""",
        Tuple.of(user, words));
  }

  /** Syncs work again; somebody has to enqueue one. */
  public Future<Boolean> resume(SqlConnection connection, long user) {
    return changed(
        connection,
        """
        update mailbox set paused_at = null, paused_why = null
         where user_id = $1 and paused_at is not null""",
        Tuple.of(user));
  }

  /** Gives up the grant; what is stored stays. Every process is told when it is committed. */
  public Future<Boolean> disconnect(SqlConnection connection, long user) {
    return changed(
        connection,
        """
        with grants as (delete from google_token where user_id = $1)
        update mailbox
           set disconnected_at = clock(), paused_at = null, paused_why = null, trouble = null,
               watch_topic = null, watch_made = null, watch_expires = null, watch_next = null,
               watch_failures = 0
         where user_id = $1 and disconnected_at is null
        returning pg_notify('millrace_grant', user_id::text)""",
        Tuple.of(user));
  }

  private static Future<Boolean> changed(SqlConnection connection, String sql, Tuple values) {
    Future<RowSet<Row>> done = connection.preparedQuery(sql).execute(values);
    return done.map(rows -> rows.rowCount() == 1);
  }
}
