package io.millrace.store;

import io.millrace.store.MailboxStanding.Access;
import io.millrace.store.MailboxStanding.Closed;
import io.millrace.store.MailboxStanding.Dead;
import io.millrace.store.MailboxStanding.Pause;
import io.millrace.store.MailboxStanding.Permission;
import io.millrace.store.MailboxStanding.Run;
import io.millrace.store.MailboxStanding.Sync;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/** Reads how a mailbox and its sync stand. Thread-safe. */
public final class MailboxStandings {
  private static final String WHY = Sql.named("why_mailbox");

  private final Pool pool;

  /** Reads on the pool's connections. */
  public MailboxStandings(Pool pool) {
    this.pool = pool;
  }

  /**
   * How a mailbox stands; empty if there is no such user.
   *
   * @param kind of the jobs that sync
   * @param key the dedup key that the live one holds
   */
  public Future<Optional<MailboxStanding>> of(long user, String kind, String key) {
    return pool.preparedQuery(WHY)
        .execute(Tuple.of(user, kind, key))
        .map(rows -> rows.stream().findFirst().map(row -> standing(user, row)));
  }

  private static MailboxStanding standing(long user, Row row) {
    Instant paused = at(row, "paused_at");
    Instant dead = at(row, "dead_at");
    return new MailboxStanding(
        user,
        row.getString("email"),
        at(row, "now"),
        at(row, "synced_at"),
        row.getString("trouble"),
        paused == null ? null : new Pause(paused, row.getString("paused_why")),
        access(row),
        row.getString("state") == null ? null : sync(row),
        row.getString("phase") == null ? null : run(row),
        row.getLong("given_up"),
        dead == null ? null : new Dead(row.getLong("dead"), dead, row.getString("dead_sentence")),
        closed(row));
  }

  private static Access access(Row row) {
    if (row.getString("dead_reason") != null) {
      return new Access(Permission.ENDED, at(row, "grant_at"), row.getString("dead_reason"));
    }
    if (at(row, "disconnected_at") != null) {
      return new Access(Permission.GIVEN_UP, at(row, "disconnected_at"), null);
    }
    return row.getBoolean("granted") && row.getBoolean("has_mailbox")
        ? new Access(Permission.GIVEN, at(row, "grant_at"), null)
        : new Access(Permission.NEVER, null, null);
  }

  private static Sync sync(Row row) {
    return new Sync(
        row.getLong("job"),
        row.getString("state"),
        at(row, "since"),
        at(row, "until"),
        row.getString("why"),
        row.getInteger("failures"),
        row.getString("failure"),
        at(row, "failed_at"));
  }

  private static Run run(Row row) {
    Integer pending = row.getInteger("pending");
    return new Run(
        row.getString("phase"),
        row.getString("mode").equals("full"),
        at(row, "started_at"),
        row.getLong("estimate"),
        row.getLong("listed"),
        pending == null ? 0 : pending);
  }

  /** The later of the two is the one that is waited for. */
  private static Closed closed(Row row) {
    Instant own = at(row, "closed_user");
    Instant all = at(row, "closed_project");
    if (own == null && all == null) {
      return null;
    }
    return all == null || (own != null && own.isAfter(all))
        ? new Closed(own, false)
        : new Closed(all, true);
  }

  private static Instant at(Row row, String column) {
    OffsetDateTime time = row.getOffsetDateTime(column);
    return time == null ? null : time.toInstant();
  }
}
