package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;

/** What Gmail has promised to tell, mailbox by mailbox. Thread-safe. */
public final class Watches {
  private final Pool pool;

  /** Of this database. */
  public Watches(Pool pool) {
    this.pool = pool;
  }

  /**
   * How a mailbox's watch stands.
   *
   * @param alive whether Gmail tells of its changes now
   * @param due whether it is time to ask Gmail, for the first time or again
   * @param failures how often Gmail has refused since it last promised
   */
  public record Standing(boolean alive, boolean due, int failures) {
    /** Of a mailbox that is not there. */
    static final Standing NONE = new Standing(false, false, 0);
  }

  /**
   * How the watch of a mailbox stands. One that was made for another topic, or under an earlier
   * grant, is worth nothing.
   */
  public Future<Standing> standing(long user, String topic) {
    return pool.preparedQuery(
            """
            select w.alive, not coalesce(m.watch_next > clock(), false)
                            or (m.watch_failures = 0 and not w.ours) as due, m.watch_failures
              from mailbox m
              left join google_token g using (user_id)
             cross join lateral (
                   select coalesce(m.watch_topic = $2 and m.watch_made >= g.updated_at, false)) o (ours)
             cross join lateral (
                   select o.ours, o.ours and m.watch_expires > clock()) w (ours, alive)
             where m.user_id = $1""")
        .execute(Tuple.of(user, topic))
        .map(rows -> rows.size() == 0 ? Standing.NONE : standing(rows.iterator().next()));
  }

  /** Whether Gmail has promised some topic to tell of a mailbox's changes, and means it still. */
  public Future<Boolean> alive(long user) {
    return pool.preparedQuery(
            "select exists (select from mailbox where user_id = $1 and watch_expires > clock())")
        .execute(Tuple.of(user))
        .map(rows -> rows.iterator().next().getBoolean(0));
  }

  private static Standing standing(Row row) {
    return new Standing(
        row.getBoolean("alive"), row.getBoolean("due"), row.getShort("watch_failures"));
  }

  /**
   * Notes that Gmail has promised, and how far the mailbox had come then: what happened before is
   * looked for as if Gmail had told of it.
   *
   * @param next from now, when to ask again
   */
  public Future<Void> made(
      SqlConnection connection,
      long user,
      String topic,
      String historyId,
      Instant expires,
      Duration next) {
    return connection
        .preparedQuery(
            """
            update mailbox
               set watch_topic = $2, watch_made = clock(), watch_expires = $4,
                   watch_next = clock() + $5::bigint * interval '1 millisecond', watch_failures = 0,
                   notified_history_id = greatest(notified_history_id, $3::text::numeric)
             where user_id = $1""")
        .execute(
            Tuple.of(user, topic, historyId, expires.atOffset(ZoneOffset.UTC), next.toMillis()))
        .mapEmpty();
  }

  /**
   * Notes that Gmail refused, or could not be asked.
   *
   * @param next from now, when to ask again
   */
  public Future<Void> refused(SqlConnection connection, long user, Duration next) {
    return connection
        .preparedQuery(
            """
            update mailbox
               set watch_next = clock() + $2::bigint * interval '1 millisecond',
                   watch_failures = least(watch_failures + 1, 1000)
             where user_id = $1""")
        .execute(Tuple.of(user, next.toMillis()))
        .mapEmpty();
  }
}
