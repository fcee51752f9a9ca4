package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;

/** Writes the limits that hold over all processes. Thread-safe. */
public final class Controls {
  private static final int TRIES = 5;

  /** Others had the lock for too long. */
  private static final String LOCK_NOT_AVAILABLE = "55P03";

  private final Pool pool;

  /**
   * @param pool where the job tables are
   */
  public Controls(Pool pool) {
    this.pool = pool;
  }

  /**
   * Makes the database's limits those that are given; others stay. What differs holds from the next
   * claim on, in all processes, and what runs already counts. Idempotent.
   */
  public Future<Void> define(Limits limits) {
    if (limits.isEmpty()) {
      return Future.succeededFuture();
    }
    JsonObject kinds = new JsonObject();
    limits
        .kinds()
        .forEach(
            (name, of) -> {
              if (!of.isEmpty()) {
                kinds.put(name, json(of));
              }
            });
    JsonObject queues = new JsonObject();
    limits.queues().forEach(queues::put);
    JsonObject keys = new JsonObject();
    limits.keys().forEach(keys::put);
    return define(Tuple.of(kinds, queues, keys), TRIES);
  }

  private Future<Void> define(Tuple limits, int tries) {
    return pool.preparedQuery("select define_limits($1::jsonb, $2::jsonb, $3::jsonb)")
        .execute(limits)
        .<Void>mapEmpty()
        .recover(
            e ->
                tries > 1
                        && e instanceof PgException p
                        && LOCK_NOT_AVAILABLE.equals(p.getSqlState())
                    ? define(limits, tries - 1)
                    : Future.failedFuture(e));
  }

  private static JsonObject json(Limits.OfKind of) {
    return new JsonObject()
        .put("queue", of.queue())
        .put("max_running", of.maxRunning())
        .put("max_per_user", of.maxPerUser())
        .put("max_per_key", of.maxPerKey())
        .put("user_group", of.userGroup());
  }
}
