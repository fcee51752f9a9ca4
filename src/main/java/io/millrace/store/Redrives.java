package io.millrace.store;

import static io.millrace.store.Jobs.column;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/**
 * Dead letters brought back to life: a new job of the same user, kind, priority and options takes
 * over, and only when it exists the letter is marked, in the same transaction. A letter that is
 * marked cannot be redriven again. Thread-safe.
 */
public final class Redrives {
  private static final String ONE = Sql.named("redrive");
  private static final String MARK = Sql.named("mark_redriven");

  private final Pool pool;
  private final Jobs jobs;
  private final DeadLetters letters;

  /** Works on the pool's connections. */
  public Redrives(Pool pool, Jobs jobs) {
    this.pool = pool;
    this.jobs = jobs;
    this.letters = new DeadLetters(pool, jobs.kinds());
  }

  /** A letter and the job that took over. */
  public record Redriven(long user, long letter, long job) {}

  /**
   * What a redrive did.
   *
   * @param redriven letters that live again
   * @param keyTaken letters whose dedup key a live job holds: that job does the work already
   * @param bodyless letters whose payload retention has removed: edit them first
   * @param next where the next step begins, null after the last
   */
  public record Result(
      List<Redriven> redriven, List<Long> keyTaken, List<Long> bodyless, DeadLetters.Place next) {}

  /** A locked letter as the job that will take over. */
  private record Source(long user, long id, NewJob job) {}

  /** Redrives one letter; nothing in the result means that there is none or it was redriven. */
  public Future<Result> redrive(long user, long id) {
    Tuple values = Tuple.of(1, user, id);
    return pool.withTransaction(
        c -> redrive(c, "d.user_id = $2 and d.id = $3 and d.redriven_at is null", values, 2));
  }

  /**
   * One step of a redrive of many, the oldest first, in one transaction.
   *
   * @param after what the last step answered, null at first
   * @param most letters in this step, 1 to {@link DeadLetters#MOST}
   */
  public Future<Result> redriveSome(DeadFilter filter, DeadLetters.Place after, int most) {
    int bound = Math.min(DeadLetters.MOST, Math.max(1, most));
    DeadFilter waiting = filter.waiting();
    return letters
        .kindOf(waiting)
        .compose(
            kind -> {
              Tuple values = Tuple.of(bound);
              String from = "";
              if (after != null) {
                values.addValue(after.at()).addValue(after.id());
                from = " and (d.dead_at, d.id) > ($2, $3)";
              }
              String condition = waiting.condition(kind, values) + from;
              return pool.withTransaction(c -> redrive(c, condition, values, bound));
            });
  }

  private Future<Result> redrive(SqlConnection c, String condition, Tuple values, int bound) {
    return c.preparedQuery(ONE.replace("/* condition */ true", condition))
        .execute(values)
        .compose(
            rows -> jobs.kinds().names(kindsOf(rows)).compose(names -> enqueue(c, rows, bound)));
  }

  private static List<Short> kindsOf(RowSet<Row> rows) {
    List<Short> met = new ArrayList<>(rows.size());
    rows.forEach(row -> met.add(row.getShort("kind")));
    return met;
  }

  private Future<Result> enqueue(SqlConnection c, RowSet<Row> rows, int bound) {
    List<Source> sources = new ArrayList<>();
    List<Long> bodyless = new ArrayList<>();
    DeadLetters.Place last = null;
    for (Row row : rows) {
      last = new DeadLetters.Place(row.getOffsetDateTime("dead_at"), row.getLong("id"));
      if (row.getString("payload") == null) {
        bodyless.add(row.getLong("id"));
      } else {
        sources.add(source(row));
      }
    }
    DeadLetters.Place next = rows.size() < bound ? null : last;
    if (sources.isEmpty()) {
      return Future.succeededFuture(new Result(List.of(), List.of(), bodyless, next));
    }
    return jobs.enqueue(c, sources.stream().map(Source::job).toList())
        .compose(
            ids -> {
              List<Redriven> redriven = new ArrayList<>();
              List<Long> taken = new ArrayList<>();
              for (int i = 0; i < ids.size(); i++) {
                Source source = sources.get(i);
                if (ids.get(i) == null) {
                  taken.add(source.id());
                } else {
                  redriven.add(new Redriven(source.user(), source.id(), ids.get(i)));
                }
              }
              return mark(c, redriven).map(new Result(redriven, taken, bodyless, next));
            });
  }

  private Source source(Row row) {
    String kept = row.getString("options");
    JsonObject options = kept == null ? new JsonObject() : new JsonObject(kept);
    // Parents have finished long ago, and whoever holds the key does the work: it is left alone.
    options.remove("parents");
    options.remove("onDead");
    options.remove("onDuplicate");
    if (options.containsKey("batch")) {
      // Its place in the batch is free again, even if nobody else may join that.
      options.put("replaces", row.getLong("id"));
    }
    Double deadline = options.getDouble("deadline");
    if (deadline != null && deadline <= row.getDouble("now")) {
      options.remove("deadline");
    }
    long user = row.getLong("user_id");
    NewJob job =
        new NewJob(
            user,
            jobs.kinds().name(row.getShort("kind")),
            row.getShort("priority"),
            row.getString("payload"),
            row.getString("dedup_key"),
            null,
            JobOptions.of(options));
    return new Source(user, row.getLong("id"), job);
  }

  private static Future<Void> mark(SqlConnection c, List<Redriven> redriven) {
    if (redriven.isEmpty()) {
      return Future.succeededFuture();
    }
    Tuple pairs =
        Tuple.tuple()
            .addValue(column(redriven, Redriven::user, Long[]::new))
            .addValue(column(redriven, Redriven::letter, Long[]::new))
            .addValue(column(redriven, Redriven::job, Long[]::new));
    return c.preparedQuery(MARK)
        .execute(pairs)
        .compose(
            v ->
                c.preparedQuery("select follow_redriven($1::bigint[], $2::bigint[], $3::bigint[])")
                    .execute(pairs))
        .mapEmpty();
  }
}
