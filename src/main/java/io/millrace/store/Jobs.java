package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PreparedQuery;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The job tables: each state change is one statement in a file of its own. Thread-safe.
 *
 * <p>Statements that belong to the caller's transaction take its connection; the others take one
 * from the pool.
 */
public final class Jobs {
  private static final String ENQUEUE = Sql.named("enqueue");
  private static final String CLAIM = Sql.named("claim");
  private static final String PROMOTE = Sql.named("promote");
  private static final String COMPLETE = Sql.named("complete");
  private static final String POSTPONE = Sql.named("postpone");
  private static final String BURY = Sql.named("bury");
  private static final String RESCUE = Sql.named("rescue");
  private static final String FENCE = Sql.named("fence");

  private final Pool pool;
  private final Kinds kinds;

  /**
   * @param kinds the names of kinds as the database knows them
   */
  public Jobs(Pool pool, Kinds kinds) {
    this.pool = pool;
    this.kinds = kinds;
  }

  /**
   * Enqueues jobs in the caller's transaction, or in one of its own if the client is a pool.
   *
   * @return the ids in the order of the jobs; null where a live job holds the same dedup key
   */
  public Future<List<Long>> enqueue(SqlClient client, List<NewJob> jobs) {
    if (jobs.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    for (NewJob job : jobs) {
      if (job.payload().length() > NewJob.MAX_PAYLOAD_BYTES) {
        return Future.failedFuture(
            new IllegalArgumentException(
                "The payload of a %s job has %d characters; at most %d bytes are allowed."
                    .formatted(job.kind(), job.payload().length(), NewJob.MAX_PAYLOAD_BYTES)));
      }
    }
    Set<String> names = new HashSet<>();
    jobs.forEach(j -> names.add(j.kind()));
    return kinds
        .ids(names)
        .compose(ids -> client.preparedQuery(ENQUEUE).execute(tuple(jobs, ids)))
        .map(rows -> list(rows, row -> row.getLong(0)));
  }

  private static Tuple tuple(List<NewJob> jobs, Map<String, Short> ids) {
    return Tuple.tuple()
        .addValue(jobs.stream().map(NewJob::user).toArray(Long[]::new))
        .addValue(jobs.stream().map(j -> ids.get(j.kind())).toArray(Short[]::new))
        .addValue(jobs.stream().map(j -> (short) j.priority()).toArray(Short[]::new))
        .addValue(jobs.stream().map(NewJob::payload).toArray(String[]::new))
        .addValue(jobs.stream().map(NewJob::dedupKey).toArray(String[]::new))
        .addValue(
            jobs.stream()
                .map(j -> j.runAt() == null ? null : j.runAt().atOffset(ZoneOffset.UTC))
                .toArray(OffsetDateTime[]::new));
  }

  /**
   * Claims ready jobs for a worker.
   *
   * @param free how many of each kind, by its name; kinds with none are left out
   * @param timeoutMs the longest run of each kind, by its name
   */
  public Future<List<ClaimedJob>> claim(
      long worker, Map<String, Integer> free, Map<String, Long> timeoutMs) {
    return kinds
        .ids(free.keySet())
        .compose(
            ids -> {
              List<String> names = List.copyOf(free.keySet());
              Tuple tuple =
                  Tuple.of(worker)
                      .addValue(names.stream().map(ids::get).toArray(Short[]::new))
                      .addValue(names.stream().map(free::get).toArray(Integer[]::new))
                      .addValue(names.stream().map(timeoutMs::get).toArray(Long[]::new));
              return pool.preparedQuery(CLAIM).execute(tuple);
            })
        .map(rows -> list(rows, this::claimed));
  }

  private ClaimedJob claimed(Row row) {
    return new ClaimedJob(
        new RunKey(row.getLong("user_id"), row.getLong("id"), row.getInteger("run")),
        row.getLocalDate("day"),
        kinds.name(row.getShort("kind")),
        row.getShort("failures"),
        row.getString("payload"),
        row.getString("checkpoint"));
  }

  /**
   * Makes scheduled jobs ready that are due.
   *
   * @return how many, and when the next is due
   */
  public Future<Promoted> promote(int most) {
    return pool.preparedQuery(PROMOTE)
        .execute(Tuple.of(most))
        .map(rows -> rows.iterator().next())
        .map(row -> new Promoted(row.getLong("promoted").intValue(), row.getLong("next_ms")));
  }

  /**
   * What a promotion did.
   *
   * @param count jobs made ready
   * @param nextMs milliseconds until the next one is due, null if none is scheduled
   */
  public record Promoted(int count, Long nextMs) {}

  /**
   * Writes how runs ended, all in one transaction. Runs that are no longer current change nothing.
   *
   * @return how many took effect
   */
  public Future<Integer> settle(List<Settlement> settlements) {
    return pool.withTransaction(connection -> settle(connection, settlements));
  }

  /** The same in the caller's transaction. */
  public Future<Integer> settle(SqlConnection connection, List<Settlement> settlements) {
    List<Settlement.Finished> finished = new ArrayList<>();
    List<Settlement.Postponed> postponed = new ArrayList<>();
    List<Settlement.Buried> buried = new ArrayList<>();
    for (Settlement settlement : settlements) {
      if (settlement instanceof Settlement.Finished f) {
        finished.add(f);
      } else if (settlement instanceof Settlement.Postponed p) {
        postponed.add(p);
      } else if (settlement instanceof Settlement.Buried b) {
        buried.add(b);
      }
    }
    List<Future<Integer>> written = new ArrayList<>();
    if (!finished.isEmpty()) {
      Tuple tuple =
          keys(finished)
              .addValue(column(finished, Settlement.Finished::state, String[]::new))
              .addValue(column(finished, Settlement.Finished::note, String[]::new));
      written.add(connection.preparedQuery(COMPLETE).execute(tuple).map(RowSet::size));
    }
    if (!postponed.isEmpty()) {
      Tuple tuple =
          keys(postponed)
              .addValue(column(postponed, Settlement.Postponed::delayMs, Long[]::new))
              .addValue(column(postponed, Settlement.Postponed::why, String[]::new))
              .addValue(column(postponed, p -> p.attemptSpent() ? 1 : 0, Integer[]::new));
      written.add(connection.preparedQuery(POSTPONE).execute(tuple).map(RowSet::size));
    }
    if (!buried.isEmpty()) {
      Tuple tuple =
          keys(buried)
              .addValue(column(buried, Settlement.Buried::reason, String[]::new))
              .addValue(column(buried, Settlement.Buried::error, String[]::new));
      written.add(connection.preparedQuery(BURY).execute(tuple).map(RowSet::size));
    }
    return Future.all(written).map(all -> written.stream().mapToInt(Future::result).sum());
  }

  private static <S extends Settlement> Tuple keys(List<S> settlements) {
    return Tuple.tuple()
        .addValue(column(settlements, s -> s.key().user(), Long[]::new))
        .addValue(column(settlements, s -> s.key().id(), Long[]::new))
        .addValue(column(settlements, s -> s.key().run(), Integer[]::new));
  }

  /**
   * Locks a run until the end of the caller's transaction, so that nobody else can settle it.
   *
   * @return the attempts spent so far; fails with {@link FencedException} if the run is no longer
   *     the current one
   */
  public Future<Integer> fence(SqlConnection connection, RunKey key) {
    return connection
        .preparedQuery(FENCE)
        .execute(Tuple.of(key.user(), key.id(), key.run()))
        .compose(
            rows ->
                rows.size() == 1
                    ? Future.succeededFuture((int) rows.iterator().next().getShort(0))
                    : Future.failedFuture(new FencedException(key)));
  }

  /**
   * Keeps a checkpoint in the caller's transaction. Progress pays back the attempts spent: a job
   * that advances between crashes is not poison.
   */
  public Future<Void> checkpoint(
      SqlConnection connection, RunKey key, int failures, String checkpoint) {
    Future<Void> kept =
        connection
            .preparedQuery(
                """
                insert into job_progress (user_id, id, checkpoint, updated_at)
                values ($1, $2, $3::text::jsonb, clock())
                on conflict (user_id, id) do update
                   set checkpoint = excluded.checkpoint, updated_at = excluded.updated_at""")
            .execute(Tuple.of(key.user(), key.id(), checkpoint))
            .mapEmpty();
    if (failures == 0) {
      return kept;
    }
    return kept.compose(
        v ->
            connection
                .preparedQuery(
                    "update job_running set failures = 0 where user_id = $1 and id = $2 and run = $3")
                .execute(Tuple.of(key.user(), key.id(), key.run()))
                .mapEmpty());
  }

  /**
   * Takes back the runs of dead workers and runs that overran their deadline.
   *
   * @param graceMs how far past its deadline a run of a living worker may be
   * @param attempts failures allowed, by kind
   */
  public Future<Rescued> rescue(long graceMs, Map<String, Integer> attempts) {
    return kinds
        .ids(attempts.keySet())
        .compose(
            ids -> {
              List<String> names = List.copyOf(attempts.keySet());
              PreparedQuery<RowSet<Row>> query = pool.preparedQuery(RESCUE);
              return query.execute(
                  Tuple.of(graceMs)
                      .addValue(names.stream().map(ids::get).toArray(Short[]::new))
                      .addValue(names.stream().map(attempts::get).toArray(Integer[]::new)));
            })
        .map(rows -> rows.iterator().next())
        .map(row -> new Rescued(row.getLong("rescued"), row.getLong("dead")));
  }

  /**
   * What a sweep for lost runs did.
   *
   * @param count runs taken back
   * @param dead how many of them had spent their last attempt
   */
  public record Rescued(long count, long dead) {}

  /**
   * How many jobs of given users are not yet finished, by state.
   *
   * @return waiting, scheduled, ready, running and dead ones
   */
  public Future<Unfinished> unfinished(List<Long> users) {
    return pool.preparedQuery(
            """
            select (select count(*) from job_waiting where user_id = any($1))
                 + (select count(*) from job_scheduled where user_id = any($1))
                 + (select count(*) from job_ready where user_id = any($1))
                 + (select count(*) from job_running where user_id = any($1)) as live,
                   (select count(*) from job_dead where user_id = any($1)) as dead""")
        .execute(Tuple.tuple().addValue(users.toArray(Long[]::new)))
        .map(rows -> rows.iterator().next())
        .map(row -> new Unfinished(row.getLong("live"), row.getLong("dead")));
  }

  /**
   * What is left to do.
   *
   * @param live jobs that will still run
   * @param dead jobs that will not unless somebody redrives them
   */
  public record Unfinished(long live, long dead) {}

  private static <S, T> T[] column(
      List<S> rows, Function<S, T> value, java.util.function.IntFunction<T[]> array) {
    return rows.stream().map(value).toArray(array);
  }

  private static <T> List<T> list(RowSet<Row> rows, Function<Row, T> map) {
    List<T> list = new ArrayList<>(rows.size());
    rows.forEach(row -> list.add(map.apply(row)));
    return list;
  }
}
