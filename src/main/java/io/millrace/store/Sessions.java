package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;

/**
 * Who is logged in: only a digest of what the browser holds is kept, so that nobody can log in with
 * what the table tells. Any process can tell, and end, a session. Thread-safe.
 */
public final class Sessions {
  private final Pool pool;

  /** Works on the pool's connections. */
  public Sessions(Pool pool) {
    this.pool = pool;
  }

  /**
   * Begins a session, and forgets some that are over.
   *
   * @param digest of what the browser holds, 32 bytes
   */
  public Future<Void> begin(byte[] digest, String email, long seconds) {
    return pool.preparedQuery(
            """
            with over as (delete from console_session where expires_at < clock())
            insert into console_session (id, email, expires_at)
            values ($1, $2, clock() + $3 * interval '1 second')""")
        .execute(Tuple.of(Buffer.buffer(digest), email, seconds))
        .mapEmpty();
  }

  /** Whose session it is; empty if there is none or it is over. */
  public Future<Optional<String>> email(byte[] digest) {
    return pool.preparedQuery(
            "select email from console_session where id = $1 and expires_at > clock()")
        .execute(Tuple.of(Buffer.buffer(digest)))
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.of(rows.iterator().next().getString(0)));
  }

  /** Ends a session; nothing happens if there is none. */
  public Future<Void> end(byte[] digest) {
    return pool.preparedQuery("delete from console_session where id = $1")
        .execute(Tuple.of(Buffer.buffer(digest)))
        .mapEmpty();
  }
}
