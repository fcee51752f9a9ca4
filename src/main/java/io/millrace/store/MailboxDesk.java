package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Mailboxes as people look at them. Reads by whatever client it is given, so that one whose rights
 * are narrower sees less. Stateless.
 */
public final class MailboxDesk {
  /** The most mailboxes on a page. */
  public static final int MOST = 500;

  private static final String LIST = Sql.named("list_mailboxes");

  private final String syncKey;

  /**
   * @param syncKey the dedup key that the sync of a mailbox holds while it lives
   */
  public MailboxDesk(String syncKey) {
    this.syncKey = syncKey;
  }

  /**
   * Mailboxes in the order of their users.
   *
   * @param after only users above this one; 0 for all
   * @param most 1 to {@link #MOST}
   */
  public Future<List<JsonObject>> list(SqlClient client, long after, int most) {
    return read(client, after, Math.min(MOST, Math.max(1, most)), null);
  }

  /** One mailbox; empty if there is none, or none that the client may see. */
  public Future<Optional<JsonObject>> get(SqlClient client, long user) {
    return read(client, -1, 1, user).map(all -> all.stream().findFirst());
  }

  private Future<List<JsonObject>> read(SqlClient client, long after, int most, Long user) {
    return client
        .preparedQuery(LIST)
        .execute(Tuple.of(after, (long) most, user, syncKey))
        .map(
            rows -> {
              List<JsonObject> all = new ArrayList<>(rows.size());
              rows.forEach(row -> all.add(mailbox(row)));
              return all;
            });
  }

  private static JsonObject mailbox(Row row) {
    Long sync = row.getLong("sync_job");
    return new JsonObject()
        .put("user", row.getLong("user_id"))
        .put("email", row.getString("email"))
        .put("phase", row.getString("phase"))
        .put("estimate", row.getLong("estimate"))
        .put("accounted", row.getLong("listed"))
        .put("stored", row.getLong("stored"))
        .put("duplicate", row.getLong("duplicate"))
        .put("gone", row.getLong("gone"))
        .put("deadLettered", row.getLong("dead_lettered"))
        .put("unitsSpent", row.getLong("units_spent"))
        .put("throttled", row.getLong("throttled"))
        .put("startedAt", JobList.time(row, "started_at"))
        .put("finishedAt", JobList.time(row, "finished_at"))
        .put("syncedAt", JobList.time(row, "synced_at"))
        .put("pausedAt", JobList.time(row, "paused_at"))
        .put("pausedWhy", row.getString("paused_why"))
        .put("disconnectedAt", JobList.time(row, "disconnected_at"))
        .put("watchExpires", JobList.time(row, "watch_expires"))
        .put("trouble", row.getString("trouble"))
        .put(
            "sync",
            sync == null
                ? null
                : new JsonObject()
                    .put("job", sync)
                    .put("state", row.getString("sync_state"))
                    .put("at", JobList.time(row, "sync_at")));
  }

  /** The user whose mailbox has an address; empty if there is none. */
  public Future<Optional<Long>> owner(SqlClient client, String email) {
    return client
        .preparedQuery("select user_id from account where email = $1")
        .execute(Tuple.of(email))
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.of(rows.iterator().next().getLong(0)));
  }

  /**
   * How a mailbox stands towards syncing.
   *
   * @param paused whether somebody has paused it
   * @param granted whether there is a grant that Google has not declared dead
   * @param sync the live sync, or null
   */
  public record Standing(boolean paused, boolean granted, Long sync) {}

  /** Locks a mailbox's row for the transaction; empty if there is none. */
  public Future<Optional<Standing>> lock(Pool pool, long user) {
    return pool.preparedQuery(
            """
            select m.paused_at is not null as paused,
                   exists (select from google_token g
                            where g.user_id = m.user_id and g.dead_reason is null) as granted,
                   (select d.id from job_dedup d
                     where d.user_id = m.user_id and d.dedup_key = $2 and d.live) as sync
              from mailbox m where m.user_id = $1 for update of m""")
        .execute(Tuple.of(user, syncKey))
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.of(standing(rows.iterator().next())));
  }

  private static Standing standing(Row row) {
    return new Standing(row.getBoolean("paused"), row.getBoolean("granted"), row.getLong("sync"));
  }

  /** Lets a sync that waits for its time start now, if it has never run. */
  public Future<Boolean> hurry(Pool pool, long user) {
    return pool.withTransaction(c -> new Notices().hurry(c, user, syncKey));
  }
}
