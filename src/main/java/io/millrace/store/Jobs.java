package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * The job tables, up to the end of a run: enqueue, promote, claim, fence, checkpoint. How runs end
 * is told by {@link Endings}. Thread-safe.
 *
 * <p>Statements that belong to the caller's transaction take its connection; the others take one
 * from the pool.
 */
public final class Jobs {
  private static final String ENQUEUE =
      "select unnest(enqueue_jobs($1::bigint[], $2::smallint[], $3::smallint[], $4::text[],"
          + " $5::text[], $6::timestamptz[], $7::text[]::jsonb[]))";
  private static final String CLAIM = Sql.named("claim");
  private static final String CLAIM_LIMITED =
      "select * from claim_limited($1, $2::smallint[], $3::int[], $4::bigint[])";
  private static final String PROMOTE = Sql.named("promote");
  private static final String IDLE = Sql.named("idle");
  private static final String FENCE = Sql.named("fence");
  private static final String LEFT = Sql.named("left_of_users");

  private final Pool pool;
  private final Kinds kinds;
  private final Endings endings;

  /**
   * @param kinds the names of kinds as the database knows them
   */
  public Jobs(Pool pool, Kinds kinds) {
    this.pool = pool;
    this.kinds = kinds;
    this.endings = new Endings(pool, kinds);
  }

  /** The names of kinds as the database knows them. */
  public Kinds kinds() {
    return kinds;
  }

  /** Jobs that are counted together. */
  public Batches batches() {
    return new Batches(pool, kinds);
  }

  /** How runs end. */
  public Endings endings() {
    return endings;
  }

  /**
   * Enqueues jobs in the caller's transaction, or in one of its own if the client is a pool.
   *
   * @return the ids in the order of the jobs; null where a live job holds the same dedup key. Fails
   *     with {@link IllegalArgumentException} if jobs of the call wait for each other in a circle
   */
  public Future<List<Long>> enqueue(SqlClient client, List<NewJob> jobs) {
    if (jobs.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    for (NewJob job : jobs) {
      if (tooLarge(job.payload())) {
        return Future.failedFuture(
            new IllegalArgumentException(
                "The payload of a %s job is larger than %d bytes."
                    .formatted(job.kind(), NewJob.MAX_PAYLOAD_BYTES)));
      }
    }
    try {
      if (jobs.stream().anyMatch(j -> !j.options().places().isEmpty())) {
        Precedence.check(jobs.stream().map(j -> j.options().places()).toList());
      }
    } catch (IllegalArgumentException e) {
      return Future.failedFuture(e);
    }
    Set<String> names = new HashSet<>();
    jobs.forEach(j -> names.add(j.kind()));
    return kinds
        .ids(names)
        .compose(
            ids ->
                Retry.again(
                    client instanceof Pool,
                    () -> client.preparedQuery(ENQUEUE).execute(tuple(jobs, ids))))
        .map(rows -> list(rows, row -> row.getLong(0)));
  }

  private static boolean tooLarge(String payload) {
    return payload.length() > NewJob.MAX_PAYLOAD_BYTES / 4
        && payload.getBytes(StandardCharsets.UTF_8).length > NewJob.MAX_PAYLOAD_BYTES;
  }

  private static Tuple tuple(List<NewJob> jobs, Map<String, Short> ids) {
    return Tuple.tuple()
        .addValue(column(jobs, NewJob::user, Long[]::new))
        .addValue(column(jobs, j -> ids.get(j.kind()), Short[]::new))
        .addValue(column(jobs, j -> (short) j.priority(), Short[]::new))
        .addValue(column(jobs, NewJob::payload, String[]::new))
        .addValue(column(jobs, NewJob::dedupKey, String[]::new))
        .addValue(
            column(
                jobs,
                j -> j.runAt() == null ? null : j.runAt().atOffset(ZoneOffset.UTC),
                OffsetDateTime[]::new))
        .addValue(column(jobs, j -> j.options().encode(), String[]::new));
  }

  /**
   * What a claimer wants of one kind.
   *
   * @param most how many jobs, at least 1
   * @param timeoutMs the longest that one may run
   * @param low the rank from which to look; {@link Long#MIN_VALUE} to look at all
   */
  public record Want(String kind, int most, long timeoutMs, long low) {}

  /** Claims ready jobs of kinds without limits over all processes; leaves the others alone. */
  public Future<List<ClaimedJob>> claim(int worker, List<Want> wants) {
    return kinds
        .ids(column(wants, Want::kind))
        .compose(
            ids ->
                pool.preparedQuery(CLAIM)
                    .execute(
                        wanted(worker, wants, ids).addValue(column(wants, Want::low, Long[]::new))))
        .map(rows -> list(rows, this::claimed));
  }

  /**
   * Claims ready jobs of kinds with limits over all processes; leaves the others alone.
   *
   * @return the jobs, and whether there is more to look at
   */
  public Future<Limited> claimLimited(int worker, List<Want> wants) {
    return kinds
        .ids(column(wants, Want::kind))
        .compose(ids -> pool.preparedQuery(CLAIM_LIMITED).execute(wanted(worker, wants, ids)))
        .compose(
            rows -> {
              List<ClaimedJob> jobs = new ArrayList<>(rows.size());
              Set<Long> shut = new TreeSet<>();
              boolean more = false;
              for (Row row : rows) {
                if (row.getLong("id") != null) {
                  jobs.add(claimed(row));
                } else if (row.getLong("user_id") != null) {
                  shut.add(row.getLong("user_id"));
                } else {
                  more = true;
                }
              }
              Limited limited = new Limited(jobs, more);
              return endings
                  .freed()
                  .letThrough(shut.toArray(Long[]::new))
                  .map(n -> n == 0 ? limited : new Limited(jobs, true));
            });
  }

  /**
   * What a claim under limits took.
   *
   * @param more whether it stopped before it had seen all
   */
  public record Limited(List<ClaimedJob> jobs, boolean more) {}

  /**
   * Looks again whether what stands aside has room: limits change, and who was let through may have
   * been cancelled since.
   *
   * @param most how many users and keys to look at
   * @return how many jobs came back
   */
  public Future<Integer> releaseStranded(int most) {
    return pool.preparedQuery("select release_stranded($1)")
        .execute(Tuple.of(most))
        .map(rows -> rows.iterator().next().getInteger(0));
  }

  /** Lets enqueuers know of which kinds a worker could take more at once; empty for none. */
  public Future<Void> idle(int worker, Collection<String> idle) {
    return kinds
        .ids(idle)
        .compose(
            ids ->
                pool.preparedQuery(IDLE)
                    .execute(
                        Tuple.of(worker)
                            .addValue(idle.stream().map(ids::get).toArray(Short[]::new))))
        .mapEmpty();
  }

  private static Tuple wanted(int worker, List<Want> wants, Map<String, Short> ids) {
    return Tuple.of(worker)
        .addValue(column(wants, w -> ids.get(w.kind()), Short[]::new))
        .addValue(column(wants, Want::most, Integer[]::new))
        .addValue(column(wants, Want::timeoutMs, Long[]::new));
  }

  private ClaimedJob claimed(Row row) {
    return new ClaimedJob(
        new RunKey(row.getLong("user_id"), row.getLong("id"), row.getInteger("run")),
        row.getLocalDate("day"),
        kinds.name(row.getShort("kind")),
        row.getLong("rank"),
        row.getShort("failures"),
        row.getString("payload"),
        row.getString("checkpoint"),
        row.getString("trace"),
        row.getLong("remaining_ms"),
        row.getString("attempts"));
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
        .map(
            row ->
                new Promoted(
                    row.getLong("promoted").intValue(),
                    row.getLong("next_ms"),
                    Arrays.stream(row.getArrayOfShorts("limited"))
                        .map(kinds::name)
                        .filter(n -> n != null)
                        .collect(java.util.stream.Collectors.toSet())));
  }

  /**
   * What a promotion did.
   *
   * @param count jobs made ready
   * @param nextMs milliseconds until the next one is due, null if none is scheduled
   * @param limited kinds with limits over all processes, as far as this process knows them
   */
  public record Promoted(int count, Long nextMs, Set<String> limited) {}

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
                on conflict (id, user_id) do update
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

  /** Keeps how far a run is; nothing if it is no longer the current one. */
  public Future<Void> progress(RunKey key, String progress) {
    return pool.preparedQuery(
            """
            insert into job_progress (user_id, id, progress, updated_at)
            select user_id, id, $4::text::jsonb, clock() from job_running
             where user_id = $1 and id = $2 and run = $3 for share
            on conflict (id, user_id) do update
               set progress = excluded.progress, updated_at = excluded.updated_at""")
        .execute(Tuple.of(key.user(), key.id(), key.run(), progress))
        .mapEmpty();
  }

  /**
   * How many jobs of given users are not yet finished, by state.
   *
   * @return waiting, scheduled, ready, running and dead ones
   */
  public Future<Unfinished> unfinished(List<Long> users) {
    return pool.preparedQuery(
            """
            select count(*) filter (where state <> 'dead') as live,
                   count(*) filter (where state = 'dead') as dead
              from job
             where user_id = any($1) and state not in ('completed', 'skipped', 'cancelled')""")
        .execute(Tuple.tuple().addValue(column(users, u -> u, Long[]::new)))
        .map(rows -> rows.iterator().next())
        .map(row -> new Unfinished(row.getLong("live"), row.getLong("dead")));
  }

  /**
   * The same for those who only look: where more jobs than so many stand in a state, as many of
   * them are looked at and no more.
   */
  public Future<Unfinished> left(List<Long> users, int most) {
    return pool.preparedQuery(LEFT)
        .execute(Tuple.tuple().addValue(column(users, u -> u, Long[]::new)).addLong((long) most))
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

  private static <S> List<String> column(List<S> rows, Function<S, String> value) {
    return rows.stream().map(value).toList();
  }

  static <S, T> T[] column(List<S> rows, Function<S, T> value, IntFunction<T[]> array) {
    return rows.stream().map(value).toArray(array);
  }

  private static <T> List<T> list(RowSet<Row> rows, Function<Row, T> map) {
    List<T> list = new ArrayList<>(rows.size());
    rows.forEach(row -> list.add(map.apply(row)));
    return list;
  }
}
