package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Pauses and limits as they hold over all processes, changed while everything runs. A new limit
 * holds when its future completes: what runs already counts against it, and what stood aside under
 * the old one comes back as far as there is room. Thread-safe.
 *
 * <p>A change waits until no claim is under way and no transaction holds a run, and fails after
 * some seconds if a long one stands in the way; nothing has changed then.
 */
public final class Controls {
  private static final int TRIES = 5;

  /** Others had a lock for too long, or waited for this in turn. */
  private static final Set<String> HELD_UP = Set.of("55P03", "40P01");

  private final Pool pool;

  /** Works on the pool's connections. */
  public Controls(Pool pool) {
    this.pool = pool;
  }

  /**
   * Limits of a kind; null is none, 0 lets nothing run.
   *
   * @param running of the kind
   * @param perUser of one user, over all kinds of the same group
   * @param perKey of one limit key that has no limit of its own
   */
  public record KindLimits(Integer running, Integer perUser, Integer perKey) {
    /** None of them. */
    public static final KindLimits NONE = new KindLimits(null, null, null);

    /** Checks that none is negative. */
    public KindLimits {
      check("running jobs", running);
      check("running jobs per user", perUser);
      check("running jobs per key", perKey);
    }
  }

  private static void check(String what, Integer limit) {
    if (limit != null && limit < 0) {
      throw new IllegalArgumentException(
          "A limit of " + what + " is 0 or more, or none; it cannot be " + limit + ".");
    }
  }

  /** Pauses or resumes a kind: none of its jobs is claimed; answers false if it is unknown. */
  public Future<Boolean> pauseKind(String kind, boolean paused) {
    return changed("update job_kind set paused = $2 where name = $1", kind, paused);
  }

  /** Pauses or resumes a queue and all its kinds; answers false if it is unknown. */
  public Future<Boolean> pauseQueue(String queue, boolean paused) {
    return changed("update job_queue set paused = $2 where name = $1", queue, paused);
  }

  private Future<Boolean> changed(String sql, Object... values) {
    return patiently(() -> pool.preparedQuery(sql).execute(Tuple.from(values)), TRIES)
        .map(rows -> rows.rowCount() == 1);
  }

  private static Future<RowSet<Row>> patiently(Supplier<Future<RowSet<Row>>> change, int tries) {
    return change
        .get()
        .recover(
            e ->
                tries > 1 && e instanceof PgException p && HELD_UP.contains(p.getSqlState())
                    ? patiently(change, tries - 1)
                    : Future.failedFuture(e));
  }

  /** Sets or clears the limits of a kind; answers false if it is unknown. */
  public Future<Boolean> limitKind(String kind, KindLimits limits) {
    return changed(
        "update job_kind set max_running = $2, max_per_user = $3, max_per_key = $4 where name = $1",
        kind,
        limits.running(),
        limits.perUser(),
        limits.perKey());
  }

  /** Sets or clears (null) the limit of a queue; answers false if it is unknown. */
  public Future<Boolean> limitQueue(String queue, Integer running) {
    check("running jobs", running);
    return changed("update job_queue set max_running = $2 where name = $1", queue, running);
  }

  /**
   * Sets or clears (null) the limit of a key that jobs name themselves.
   *
   * @return whether anything changed
   */
  public Future<Boolean> limitKey(String key, Integer running) {
    check("running jobs", running);
    return running == null
        ? changed("delete from job_limit where key = $1", key)
        : changed(
            """
            insert into job_limit (key, max_running) values ($1, $2)
            on conflict (key) do update set max_running = excluded.max_running""",
            key,
            running);
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
    Tuple tuple = Tuple.of(kinds, queues, keys);
    return patiently(
            () ->
                pool.preparedQuery("select define_limits($1::jsonb, $2::jsonb, $3::jsonb)")
                    .execute(tuple),
            TRIES)
        .mapEmpty();
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
