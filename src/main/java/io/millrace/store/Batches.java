package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Jobs that are counted together and told of when all have ended. Counts move in the transactions
 * that end jobs. Thread-safe.
 *
 * <p>Statements that belong to the caller's transaction take its connection; the others take one
 * from the pool.
 */
public final class Batches {
  /** The success ratio from which a batch is a partial success, where none is given. */
  public static final double MIN_RATIO = 0.67;

  private static final String PARTS = Sql.named("batch_parts");
  private static final String SELECT =
      """
      select id, user_id, name, min_ratio, completed, skipped, cancelled, dead, closed_at is not null as closed,
             case when closed_at is null
                  then (select count(*) from job_body j where j.batch_id = b.id) - replaced
                  else total end as total,
             dimensions, callback_job
        from job_batch b""";

  private final Pool pool;
  private final Kinds kinds;

  /** Works on the pool's connections. */
  public Batches(Pool pool, Kinds kinds) {
    this.pool = pool;
    this.kinds = kinds;
  }

  /** How a batch stands. */
  public enum State {
    /** Jobs may be added. */
    OPEN,
    /** Closed; some of its jobs have not ended. */
    RUNNING,
    /** All have ended, and all are completed. */
    DONE,
    /** All have ended, and enough are completed. */
    PARTIAL,
    /** All have ended, and too few are completed. */
    FAILED
  }

  /**
   * A batch and its counts.
   *
   * @param minRatio the success ratio from which it is a partial success
   * @param total its jobs; grows while it is open. Jobs whose place another one took do not count
   * @param skipped jobs with nothing to do; no successes
   * @param dimensions of a fan-out, as JSON; null if it is none
   * @param callbackJob the job that told of its end, or null
   */
  public record Batch(
      long id,
      long user,
      String name,
      double minRatio,
      boolean closed,
      long total,
      long completed,
      long skipped,
      long cancelled,
      long dead,
      JsonObject dimensions,
      Long callbackJob) {
    /** Completed jobs by all; 1 if there are none. */
    public double ratio() {
      return total == 0 ? 1 : (double) completed / total;
    }

    /** Jobs that have not ended. */
    public long live() {
      return Math.max(0, total - completed - skipped - cancelled - dead);
    }

    /** What the counts say. */
    public State state() {
      if (!closed) {
        return State.OPEN;
      }
      if (live() > 0) {
        return State.RUNNING;
      }
      return completed == total
          ? State.DONE
          : (float) ratio() >= (float) minRatio ? State.PARTIAL : State.FAILED;
    }
  }

  /**
   * Opens a batch.
   *
   * @param name for people, 1 to 200 characters
   * @param minRatio 0 to 1
   * @param dimensions of a fan-out, or null
   * @return its id
   */
  public Future<Long> open(
      SqlClient client, long user, String name, double minRatio, JsonObject dimensions) {
    if (name.isEmpty() || name.length() > 200) {
      return Future.failedFuture(
          new IllegalArgumentException(
              "The name of a batch has 1 to 200 characters, not " + name.length() + "."));
    }
    if (!(minRatio >= 0 && minRatio <= 1)) {
      return Future.failedFuture(
          new IllegalArgumentException(
              "The success ratio of a batch is between 0 and 1, not " + minRatio + "."));
    }
    return client
        .preparedQuery(
            """
            insert into job_batch (user_id, name, min_ratio, dimensions)
            values ($1, $2, $3, $4) returning id""")
        .execute(Tuple.of(user, name, (float) minRatio, dimensions))
        .map(rows -> rows.iterator().next().getLong(0));
  }

  /**
   * Closes a batch: no job is added any more, and when all have ended, the callback is enqueued, in
   * the transaction that ends the last one, once.
   *
   * @param callback a job without key, start and options; null for none
   */
  public Future<Void> close(SqlClient client, long batch, NewJob callback) {
    if (callback == null) {
      return close(client, Tuple.of(batch, null, null, null, null));
    }
    if (callback.dedupKey() != null
        || callback.runAt() != null
        || !callback.options().equals(JobOptions.NONE)) {
      return Future.failedFuture(
          new IllegalArgumentException(
              "The callback of a batch has a user, a kind, a priority and a payload, nothing else."));
    }
    return kinds
        .ids(List.of(callback.kind()))
        .compose(
            v ->
                close(
                    client,
                    Tuple.of(
                        batch,
                        callback.user(),
                        callback.kind(),
                        (short) callback.priority(),
                        callback.payload())));
  }

  private static Future<Void> close(SqlClient client, Tuple tuple) {
    return client
        .preparedQuery("select close_batch($1, $2, $3, $4::smallint, $5::text::jsonb)")
        .execute(tuple)
        .mapEmpty();
  }

  /** A batch as it stands, or null if there is no such batch. */
  public Future<Batch> get(long id) {
    return pool.preparedQuery(SELECT + " where id = $1")
        .execute(Tuple.of(id))
        .map(rows -> rows.size() == 0 ? null : batch(rows.iterator().next()));
  }

  /** A user's batches in the order of their ids, behind one, 0 for all, and at most so many. */
  public Future<List<Batch>> list(long user, long after, int most) {
    return pool.preparedQuery(SELECT + " where user_id = $1 and id > $2 order by id limit $3")
        .execute(Tuple.of(user, after, most))
        .map(rows -> list(rows, Batches::batch));
  }

  /**
   * The newest job of a unit.
   *
   * @param state live, completed, skipped, cancelled or dead
   */
  public record Unit(String unit, long user, long id, String state) {}

  /** How the units of a batch stand, at most so many, in the order of their keys. */
  public Future<List<Unit>> units(SqlClient client, long batch, int most) {
    return client
        .preparedQuery("select * from batch_units($1, $2)")
        .execute(Tuple.of(batch, most))
        .map(
            rows ->
                list(
                    rows,
                    row ->
                        new Unit(
                            row.getString("unit"),
                            row.getLong("user_id"),
                            row.getLong("id"),
                            row.getString("state"))));
  }

  /** The same on a connection of its own. */
  public Future<List<Unit>> units(long batch, int most) {
    return units(pool, batch, most);
  }

  /** Keeps others from adding to a batch and from replacing its units until the end. */
  public Future<Void> hold(SqlConnection connection, long batch) {
    return connection.preparedQuery("select hold_batch($1)").execute(Tuple.of(batch)).mapEmpty();
  }

  /**
   * Lets new jobs, enqueued with {@link JobOptions#replacing}, take the places of units that failed
   * or were missing. What the old ones held waits for the new ones.
   *
   * @param olds null where the unit was missing
   */
  public Future<Void> replace(
      SqlConnection connection, long batch, List<Long> olds, List<Long> news) {
    return connection
        .preparedQuery("select replace_units($1, $2::bigint[], $3::bigint[])")
        .execute(
            Tuple.of(batch).addValue(olds.toArray(Long[]::new)).addValue(news.toArray(Long[]::new)))
        .mapEmpty();
  }

  /**
   * A job of a batch, as its critical path sees it.
   *
   * @param parents what it waited for; some may be outside of the batch
   * @param state live, running, completed, skipped, cancelled or dead
   * @param runMs how long its last run took, or takes so far
   * @param successor the job that took its place, or null
   */
  public record Part(
      long id,
      String kind,
      String unit,
      List<Long> parents,
      String state,
      long runMs,
      Long successor) {}

  /** The jobs of a batch in the order of their ids, at most so many. */
  public Future<List<Part>> parts(long batch, int most) {
    return pool.preparedQuery(PARTS)
        .execute(Tuple.of(batch, most))
        .map(
            rows ->
                list(
                    rows,
                    row ->
                        new Part(
                            row.getLong("id"),
                            row.getString("kind"),
                            row.getString("unit"),
                            List.of(row.getArrayOfLongs("parents")),
                            row.getString("state"),
                            row.getLong("run_ms"),
                            row.getLong("successor"))));
  }

  private static Batch batch(Row row) {
    return new Batch(
        row.getLong("id"),
        row.getLong("user_id"),
        row.getString("name"),
        row.getFloat("min_ratio"),
        row.getBoolean("closed"),
        row.getLong("total"),
        row.getLong("completed"),
        row.getLong("skipped"),
        row.getLong("cancelled"),
        row.getLong("dead"),
        row.getJsonObject("dimensions"),
        row.getLong("callback_job"));
  }

  private static <T> List<T> list(RowSet<Row> rows, Function<Row, T> map) {
    List<T> list = new ArrayList<>(rows.size());
    rows.forEach(row -> list.add(map.apply(row)));
    return list;
  }
}
