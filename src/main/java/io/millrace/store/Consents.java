package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;

/**
 * Who was sent to Google's page of consent and has not come back yet. Only digests are kept, so
 * that nobody can come back with what the table tells; each row is taken once, by any process.
 * Thread-safe.
 */
public final class Consents {
  /** Of one actor; the oldest go first. */
  private static final int MOST = 10;

  private final Pool pool;

  /** Works on the pool's connections. */
  public Consents(Pool pool) {
    this.pool = pool;
  }

  /**
   * What was asked for.
   *
   * @param actor role and name of who asked
   * @param email whose mailbox is wanted, null if any will do
   * @param redirect to where Google sends the browser back
   */
  public record Asked(String actor, String email, String redirect) {}

  /**
   * Remembers that somebody was sent there, and forgets those whose time is over.
   *
   * @param state digest of what the browser brings back, 32 bytes
   * @param browser digest of what the browser holds, 32 bytes
   */
  public Future<Void> begin(byte[] state, byte[] browser, Asked asked, long seconds) {
    return pool.preparedQuery(
            """
            with over as (
              delete from console_consent
               where expires_at < clock()
                  or state in (select state from console_consent where actor = $3
                                order by expires_at desc offset $6))
            insert into console_consent (state, browser, actor, email, redirect, expires_at)
            values ($1, $2, $3, $4, $5, clock() + $7 * interval '1 second')""")
        .execute(
            Tuple.tuple()
                .addValue(Buffer.buffer(state))
                .addValue(Buffer.buffer(browser))
                .addValue(asked.actor())
                .addValue(asked.email())
                .addValue(asked.redirect())
                .addValue((long) MOST - 1)
                .addValue(seconds))
        .mapEmpty();
  }

  /** Takes what an actor began in this browser; empty if there is none, or its time is over. */
  public Future<Optional<Asked>> take(byte[] state, byte[] browser, String actor) {
    return pool.preparedQuery(
            """
            delete from console_consent
             where state = $1 and browser = $2 and actor = $3
            returning actor, email, redirect, expires_at > clock() as alive""")
        .execute(Tuple.of(Buffer.buffer(state), Buffer.buffer(browser), actor))
        .map(
            rows ->
                rows.stream()
                    .filter(row -> row.getBoolean("alive"))
                    .findFirst()
                    .map(Consents::asked));
  }

  private static Asked asked(Row row) {
    return new Asked(row.getString("actor"), row.getString("email"), row.getString("redirect"));
  }
}
