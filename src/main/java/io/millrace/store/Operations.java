package io.millrace.store;

import static io.millrace.store.Jobs.column;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/**
 * What an operator may do to unfinished jobs, each a transition that the database guards: cancel
 * and reprioritise. Answers tell what was found; none of it waits for a run to end. Thread-safe.
 */
public final class Operations {
  /** The most jobs that one step looks at. */
  public static final int MOST_A_STEP = 1_000;

  private static final int MOST_REASON_CHARS = 500;
  private static final String WINDOW = Sql.named("live_window");
  private static final String WISHES = Sql.named("cancel_wishes");
  private static final String HURRY = Sql.named("hurry_job");

  private final Pool pool;
  private final Kinds kinds;

  /** Works on the pool's connections. */
  public Operations(Pool pool, Kinds kinds) {
    this.pool = pool;
    this.kinds = kinds;
  }

  /** What a wish to cancel found. */
  public enum Cancel {
    /** It had not begun and is ended. */
    CANCELLED,
    /** It runs; it is told to stop and will not run again. */
    STOPPING,
    /** It is finished, dead or unknown. */
    NOT_LIVE
  }

  /**
   * Ends an unfinished job for good.
   *
   * @param reason a few words for whoever looks at the job later; at most 500 characters are kept
   */
  public Future<Cancel> cancel(long user, long id, String reason) {
    return Retry.again(
            () -> pool.withTransaction(c -> cancel(c, List.of(new long[] {user, id}), reason)))
        .map(
            ended ->
                ended.cancelled() == 1
                    ? Cancel.CANCELLED
                    : ended.stopping().isEmpty() ? Cancel.NOT_LIVE : Cancel.STOPPING);
  }

  /**
   * One step of a cancel of many: looks at a bounded number of unfinished jobs in the order of
   * their ids. Jobs that are enqueued meanwhile may or may not be among them.
   *
   * @param after the id from which to look on; 0 at first, then what the last step answered
   * @param most jobs to look at, 1 to {@link #MOST_A_STEP}
   */
  public Future<Step> cancelSome(JobFilter filter, long after, int most, String reason) {
    int bound = Math.min(MOST_A_STEP, Math.max(1, most));
    return kindOf(filter.kind())
        .compose(
            kind ->
                Retry.again(
                    () ->
                        pool.withTransaction(
                            c ->
                                c.preparedQuery(WINDOW)
                                    .execute(
                                        Tuple.tuple()
                                            .addValue(after)
                                            .addValue(bound)
                                            .addValue(kind)
                                            .addValue(filter.user())
                                            .addValue(filter.batch())
                                            .addValue(filter.until())
                                            .addValue(filter.upTo()))
                                    .compose(rows -> cancelWindow(c, rows, reason)))));
  }

  /** Null for no kind; a kind that the database does not know matches nothing. */
  private Future<Short> kindOf(String kind) {
    return kind == null ? Future.succeededFuture() : kinds.known(kind).map(k -> k == null ? -1 : k);
  }

  private Future<Step> cancelWindow(SqlConnection c, RowSet<Row> rows, String reason) {
    List<long[]> hits = new ArrayList<>();
    Long next = null;
    for (Row row : rows) {
      next = row.getLong("next");
      if (row.getLong("id") != null) {
        hits.add(new long[] {row.getLong("user_id"), row.getLong("id")});
      }
    }
    long from = next == null ? -1 : next;
    return cancel(c, hits, reason).map(e -> new Step(from, e.cancelled(), e.stopping()));
  }

  /**
   * What a step of a cancel of many did.
   *
   * @param next the id to go on from, −1 if there is nothing more
   * @param cancelled jobs that had not begun and are ended
   * @param stopping ids of running jobs that are told to stop
   */
  public record Step(long next, int cancelled, List<Long> stopping) {}

  private static Future<Step> cancel(SqlConnection c, List<long[]> jobs, String reason) {
    if (jobs.isEmpty()) {
      return Future.succeededFuture(new Step(-1, 0, List.of()));
    }
    return c.preparedQuery(
            """
            select c.* from unnest($1::bigint[], $2::bigint[]) with ordinality as j(user_id, id, ord)
             cross join lateral cancel_job(j.user_id, j.id, $3) c order by j.ord""")
        .execute(
            Tuple.tuple()
                .addValue(column(jobs, j -> j[0], Long[]::new))
                .addValue(column(jobs, j -> j[1], Long[]::new))
                .addValue(words(reason)))
        .compose(
            rows -> {
              List<Endings.Ended> ended = new ArrayList<>();
              List<Long> stopping = new ArrayList<>();
              for (Row row : rows) {
                if (row.getString("became").equals("stopping")) {
                  stopping.add(row.getLong("id"));
                } else {
                  ended.add(Endings.Ended.of(row));
                }
              }
              Step step = new Step(-1, ended.size(), List.copyOf(stopping));
              return ended.isEmpty()
                  ? Future.succeededFuture(step)
                  : Endings.lookAfter(c, ended).map(step);
            });
  }

  private static String words(String reason) {
    String text = reason == null || reason.isBlank() ? "cancelled" : reason.replace("\0", "");
    return text.length() > MOST_REASON_CHARS ? text.substring(0, MOST_REASON_CHARS) : text;
  }

  /**
   * A run that should stop because its job is cancelled.
   *
   * @param run the run that was current when somebody wanted it
   */
  public record Wish(RunKey run, String reason) {}

  /** Runs of a worker that should stop, at most a thousand. */
  public Future<List<Wish>> wishes(int worker) {
    return pool.preparedQuery(WISHES)
        .execute(Tuple.of(worker, MOST_A_STEP))
        .map(
            rows -> {
              List<Wish> wishes = new ArrayList<>(rows.size());
              rows.forEach(
                  row ->
                      wishes.add(
                          new Wish(
                              new RunKey(
                                  row.getLong("user_id"), row.getLong("id"), row.getInteger("run")),
                              row.getString("reason"))));
              return wishes;
            });
  }

  /**
   * Gives a job that has not begun another priority: waiting, scheduled or ready.
   *
   * @param priority −10 to 10
   * @return the state in which it was, or null if it has begun, is finished or is unknown
   */
  public Future<String> reprioritise(long user, long id, int priority) {
    if (priority < -10 || priority > 10) {
      return Future.failedFuture(
          new IllegalArgumentException(
              "The priority of a job is between -10 and 10, not " + priority + "."));
    }
    return pool.preparedQuery("select reprioritise_job($1, $2, $3::smallint)")
        .execute(Tuple.of(user, id, (short) priority))
        .map(rows -> rows.iterator().next().getString(0));
  }

  /** Lets a scheduled job start at once, whatever it waits for; answers false if it is not one. */
  public Future<Boolean> hurry(long user, long id) {
    return pool.preparedQuery(HURRY)
        .execute(Tuple.of(user, id))
        .map(rows -> rows.iterator().next().getLong("hurried") > 0);
  }
}
