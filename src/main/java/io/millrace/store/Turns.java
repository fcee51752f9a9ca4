package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;

/**
 * Lets of all processes one do a regular task in each interval. A process that dies in its turn
 * holds nothing up: the next interval is somebody else's. Thread-safe.
 */
public final class Turns {
  private final Pool pool;

  /** Works on the pool's connections. */
  public Turns(Pool pool) {
    this.pool = pool;
  }

  /**
   * Takes the turn at a task.
   *
   * @param everyMs the interval, in milliseconds by the database's clock
   * @return whether it is the caller's turn
   */
  public Future<Boolean> take(String task, long everyMs) {
    return pool.preparedQuery(
            """
            insert into upkeep as u (task, next_at) values ($1, clock() + $2 * interval '1 millisecond')
                on conflict (task) do update set next_at = excluded.next_at where u.next_at <= clock()""")
        .execute(Tuple.of(task, everyMs))
        .map(rows -> rows.rowCount() == 1);
  }
}
