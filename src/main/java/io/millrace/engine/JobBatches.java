package io.millrace.engine;

import io.millrace.store.Batches;
import io.millrace.store.NewJob;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Batches from Java: payloads are checked as everywhere, and a fan-out is enqueued whole and tried
 * again in parts. Thread-safe.
 *
 * <p>Methods that take a client join the caller's transaction if it is a connection.
 */
public final class JobBatches {
  private final Pool pool;
  private final Enqueuer enqueuer;
  private final Batches batches;

  JobBatches(Pool pool, Enqueuer enqueuer, Batches batches) {
    this.pool = pool;
    this.enqueuer = enqueuer;
    this.batches = batches;
  }

  /** Opens a batch and answers its id; see {@link Batches#open}. */
  public Future<Long> open(SqlClient client, long user, String name, double minRatio) {
    return batches.open(client, user, name, minRatio, null);
  }

  /** Adds jobs to an open batch; ids as {@link Enqueuer} answers them. */
  public Future<List<Long>> add(SqlClient client, long batch, List<NewJob> jobs) {
    return enqueuer.enqueueAnyKind(
        client, jobs.stream().map(job -> job.with(job.options().batch(batch))).toList());
  }

  /** Closes a batch, with what is enqueued when all of it has ended; null for nothing. */
  public Future<Void> close(SqlClient client, long batch, NewJob callback) {
    return (callback == null ? Future.<Void>succeededFuture() : enqueuer.checked(List.of(callback)))
        .compose(v -> batches.close(client, batch, callback));
  }

  /** A batch as it stands, or null. */
  public Future<Batches.Batch> get(long batch) {
    return batches.get(batch);
  }

  /** What the batch's time was spent on, and what the rest of it waits for. */
  public Future<CriticalPath> criticalPath(long batch) {
    return batches.parts(batch, CriticalPath.MOST_JOBS).map(CriticalPath::of);
  }

  /**
   * Enqueues one job for each unit of a fan-out, as a closed batch.
   *
   * @param job makes the job of a unit; without a batch and a unit
   * @param callback enqueued when all have ended, or null
   * @return the id of the batch
   */
  public Future<Long> fanOut(
      long user,
      String name,
      FanOut fanOut,
      double minRatio,
      Function<FanOut.Unit, NewJob> job,
      NewJob callback) {
    return pool.withTransaction(
            c ->
                batches
                    .open(c, user, name, minRatio, fanOut.toJson())
                    .compose(
                        batch ->
                            add(c, batch, fanOut.units().stream().map(u -> made(u, job)).toList())
                                .compose(ids -> close(c, batch, callback))
                                .map(batch)))
        .onSuccess(v -> enqueuer.wake());
  }

  private static NewJob made(FanOut.Unit unit, Function<FanOut.Unit, NewJob> job) {
    NewJob made = job.apply(unit);
    return made.with(made.options().unit(unit.key()));
  }

  /** The units of a fan-out that are neither completed nor live: failed, skipped or missing. */
  public Future<List<FanOut.Unit>> lacking(long batch) {
    return get(batch)
        .compose(found -> units(found, batch))
        .compose(all -> batches.units(batch, FanOut.MOST_UNITS).map(now -> lacking(all, now)));
  }

  private static Future<List<FanOut.Unit>> units(Batches.Batch found, long batch) {
    return found == null || found.dimensions() == null
        ? Future.failedFuture(
            new IllegalArgumentException("There is no fan-out with the id " + batch + "."))
        : Future.succeededFuture(FanOut.of(found.dimensions()).units());
  }

  private static List<FanOut.Unit> lacking(List<FanOut.Unit> all, List<Batches.Unit> now) {
    Map<String, String> states = new HashMap<>();
    now.forEach(u -> states.put(u.unit(), u.state()));
    return all.stream()
        .filter(
            u -> !List.of("completed", "live").contains(states.getOrDefault(u.key(), "missing")))
        .toList();
  }

  /**
   * Enqueues the units of a fan-out anew that are neither completed nor live, and only those. Each
   * takes the place of the one that failed: the batch's counts go back, what waited for the old job
   * waits for the new one, and its dead letter is marked as redriven.
   *
   * @param job makes the job of a unit, as for {@link #fanOut}
   * @return the ids of the new jobs
   */
  public Future<List<Long>> retry(long batch, Function<FanOut.Unit, NewJob> job) {
    return get(batch)
        .compose(found -> units(found, batch))
        .compose(
            all ->
                pool.withTransaction(
                    c ->
                        batches
                            .hold(c, batch)
                            .compose(v -> batches.units(c, batch, FanOut.MOST_UNITS))
                            .compose(now -> retry(c, batch, lacking(all, now), now, job))))
        .onSuccess(v -> enqueuer.wake());
  }

  private Future<List<Long>> retry(
      SqlConnection c,
      long batch,
      List<FanOut.Unit> lacking,
      List<Batches.Unit> now,
      Function<FanOut.Unit, NewJob> job) {
    Map<String, Long> ids = new HashMap<>();
    now.forEach(u -> ids.put(u.unit(), u.id()));
    List<Long> olds = new ArrayList<>();
    List<NewJob> jobs = new ArrayList<>();
    for (FanOut.Unit unit : lacking) {
      Long old = ids.get(unit.key());
      NewJob made = made(unit, job);
      olds.add(old);
      jobs.add(made.with(made.options().batch(batch).replacing(old)));
    }
    return enqueuer
        .enqueueAnyKind(c, jobs)
        .compose(news -> batches.replace(c, batch, olds, news).map(news));
  }
}
