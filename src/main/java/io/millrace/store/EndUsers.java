package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.function.Function;

/**
 * Reads on behalf of an end user: by connections of a role that owns nothing and cannot bypass row
 * security, each in a transaction of its own that begins by saying whose it is. Without that, or
 * with another user's, there is no row to see. Thread-safe.
 */
public final class EndUsers {
  /** The role, made by a migration. */
  static final String ROLE = "millrace_reader";

  private final Pool pool;

  EndUsers(Pool pool) {
    this.pool = pool;
  }

  /**
   * Reads what one user may see; nothing can be written.
   *
   * @param user 0 or more
   */
  public <T> Future<T> as(long user, Function<SqlConnection, Future<T>> read) {
    return pool.withTransaction(
        connection ->
            connection
                .query("set transaction read only")
                .execute()
                .compose(
                    v ->
                        connection
                            .preparedQuery("select set_config('millrace.user', $1, true)")
                            .execute(Tuple.of(Long.toString(user))))
                .compose(v -> read.apply(connection)));
  }
}
