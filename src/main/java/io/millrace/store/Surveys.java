package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Compares what a listing shows with what is stored. The ids wait in {@code sync_seen} under
 * negative numbers, apart from those of runs. Thread-safe.
 */
public final class Surveys {
  private static final String SURVEY = Sql.named("survey");
  private static final String COUNT_AGAIN = Sql.named("count_again");

  private final Pool pool;

  /** Works on the pool's connections. */
  public Surveys(Pool pool) {
    this.pool = pool;
  }

  /**
   * Ids that stand alike.
   *
   * @param examples the first of them, at most 10; none where all is well
   */
  public record Stand(long ids, List<String> examples) {
    /** No id. */
    public static final Stand NONE = new Stand(0, List.of());
  }

  /**
   * The counts of a run.
   *
   * @param listed the sum of the others
   */
  public record Counts(long listed, long stored, long duplicate, long gone, long deadLettered) {}

  /** The counts of a run as kept, and as counted again. */
  public record Recount(Counts kept, Counts again) {}

  /** The user whose mailbox has an address; empty if there is none. */
  public Future<Optional<Long>> user(String email) {
    return pool.preparedQuery(
            "select user_id from account join mailbox using (user_id) where email = $1")
        .execute(Tuple.of(email.strip().toLowerCase(Locale.ROOT)))
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.of(rows.iterator().next().getLong(0)));
  }

  /** Whether a job of a kind runs for a user. */
  public Future<Boolean> runs(long user, String kind) {
    return pool.preparedQuery(
            """
            select exists (select from job_running r join job_kind k on k.id = r.kind
                            where r.user_id = $1 and k.name = $2)""")
        .execute(Tuple.of(user, kind))
        .map(rows -> rows.iterator().next().getBoolean(0));
  }

  /** The state of a job, see docs/state_machine.md; null if there is no such job (any more). */
  public Future<String> state(long user, long job) {
    return pool.preparedQuery("select state::text from job where user_id = $1 and id = $2")
        .execute(Tuple.of(user, job))
        .map(rows -> rows.size() == 0 ? null : rows.iterator().next().getString(0));
  }

  /**
   * Begins a survey; what one of a day ago or more left behind goes.
   *
   * @return a number; the one below it is the survey's too
   */
  public Future<Long> begin(long user) {
    return pool.preparedQuery(
            """
            with now as (select (extract(epoch from clock()) * 1000)::bigint as ms),
            old as (
              delete from sync_seen s using now
               where s.user_id = $1 and s.run_id < 0 and s.run_id > -2 * (now.ms - 86400000)
            )
            select -2 * ms from now""")
        .execute(Tuple.of(user))
        .map(rows -> rows.iterator().next().getLong(0));
  }

  /** Notes ids that were shown. */
  public Future<Void> note(long user, long survey, Collection<String> ids) {
    return ids.isEmpty()
        ? Future.succeededFuture()
        : pool.withConnection(connection -> Sightings.insert(connection, user, survey, ids));
  }

  /** Forgets the ids of a survey. */
  public Future<Void> end(long user, long survey) {
    return pool.preparedQuery("delete from sync_seen where user_id = $1 and run_id in ($2, $3)")
        .execute(Tuple.of(user, survey, survey - 1))
        .mapEmpty();
  }

  /**
   * How the ids stand: same, missing, dead, buried (listed though marked as deleted), extra (stored
   * though not listed), labels (listed though in spam or trash here), aside (in spam or trash),
   * tombstone, moving.
   *
   * @param spamTrash whether the listing showed spam and trash too
   */
  public Future<Map<String, Stand>> stands(long user, long survey, boolean spamTrash) {
    return pool.preparedQuery(SURVEY)
        .execute(Tuple.of(user, survey, survey - 1, spamTrash))
        .map(
            rows -> {
              List<Row> all = new ArrayList<>(rows.size());
              rows.forEach(all::add);
              return all.stream()
                  .collect(
                      Collectors.toMap(
                          row -> row.getString("stand"),
                          row ->
                              new Stand(
                                  row.getLong("ids"), List.of(row.getArrayOfStrings("examples")))));
            });
  }

  /** Counts a full run again. */
  public Future<Recount> recount(long user, long run) {
    return pool.withConnection(connection -> recount(connection, user, run));
  }

  private static Future<Recount> recount(SqlConnection connection, long user, long run) {
    return connection
        .preparedQuery(COUNT_AGAIN)
        .execute(Tuple.of(user, run))
        .map(rows -> rows.iterator().next())
        .map(
            row ->
                new Recount(
                    new Counts(
                        row.getLong("listed"),
                        row.getLong("stored"),
                        row.getLong("duplicate"),
                        row.getLong("gone"),
                        row.getLong("dead_lettered")),
                    sum(
                        row.getLong("stored_again"),
                        row.getLong("duplicate_again"),
                        row.getLong("gone_again"),
                        row.getLong("dead_again"))));
  }

  private static Counts sum(long stored, long duplicate, long gone, long dead) {
    return new Counts(stored + duplicate + gone + dead, stored, duplicate, gone, dead);
  }

  /** Gives a full run the counts that its messages and fates have. */
  public Future<Void> correct(long user, long run) {
    return pool.withTransaction(
        connection ->
            // Whoever stores mail moves the counts in the same transaction: none can while we hold
            // the row.
            connection
                .preparedQuery("select from sync_run where user_id = $1 and run_id = $2 for update")
                .execute(Tuple.of(user, run))
                .compose(v -> recount(connection, user, run))
                .compose(r -> write(connection, user, run, r.again())));
  }

  private static Future<Void> write(SqlConnection connection, long user, long run, Counts counts) {
    return connection
        .preparedQuery(
            """
            update sync_run set listed = $3, stored = $4, duplicate = $5, gone = $6, dead_lettered = $7
             where user_id = $1 and run_id = $2""")
        .execute(
            Tuple.of(
                user,
                run,
                counts.listed(),
                counts.stored(),
                counts.duplicate(),
                counts.gone(),
                counts.deadLettered()))
        .mapEmpty();
  }
}
