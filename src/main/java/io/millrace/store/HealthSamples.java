package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/** How each kind has done, sample by sample. Thread-safe. */
public final class HealthSamples {
  private static final int STEP = 20_000;
  private static final int MOST = 10_000;

  private final Pool pool;

  /** Works on the pool's connections. */
  public HealthSamples(Pool pool) {
    this.pool = pool;
  }

  /**
   * How a kind did in the time before a sample.
   *
   * @param at by the database's clock; ignored when it is written
   * @param score 0 to 100
   * @param lost what took points off, a JSON array of {@code {"points", "why"}}
   * @param oldestMs how long the oldest ready job has waited; empty if there was none
   * @param done jobs that ended well since the sample before, as the following
   */
  public record Sample(
      String kind,
      Instant at,
      String queue,
      int score,
      String lost,
      long ready,
      OptionalDouble oldestMs,
      long done,
      long failed,
      long ran,
      long runMs,
      long waitMs) {}

  /** Keeps a sample of each kind, all of one moment. */
  public Future<Void> keep(List<Sample> samples) {
    List<Tuple> tuples =
        samples.stream()
            .map(
                s ->
                    Tuple.of(
                            s.kind(),
                            s.queue(),
                            (short) s.score(),
                            s.lost(),
                            s.ready(),
                            s.oldestMs().isPresent() ? s.oldestMs().getAsDouble() : null)
                        .addLong(s.done())
                        .addLong(s.failed())
                        .addLong(s.ran())
                        .addLong(s.runMs())
                        .addLong(s.waitMs()))
            .toList();
    return tuples.isEmpty()
        ? Future.succeededFuture()
        : pool.withTransaction(
            connection ->
                connection
                    .preparedQuery(
                        """
                        insert into health_sample (kind, at, queue, score, lost, ready, oldest_ms, done, failed, ran, run_ms, wait_ms)
                        values ($1, clock(), $2, $3, $4::text::jsonb, $5, $6, $7, $8, $9, $10, $11)
                        on conflict do nothing""")
                    .executeBatch(tuples)
                    .mapEmpty());
  }

  /** The newest sample of each kind that has one of the last hour, in the order of their names. */
  public Future<List<Sample>> newest() {
    return pool.query(
            """
            select distinct on (kind) *, lost::text as lost_text from health_sample
             where at > clock() - interval '1 hour' order by kind, at desc limit 1000""")
        .execute()
        .map(rows -> list(rows, HealthSamples::sample));
  }

  /** The samples of a kind of so many minutes, the oldest first; at most ten thousand. */
  public Future<List<Sample>> last(String kind, int minutes) {
    return pool.preparedQuery(
            """
            select *, lost::text as lost_text from health_sample
             where kind = $1 and at > clock() - $2 * interval '1 minute' order by at limit $3""")
        .execute(Tuple.of(kind, minutes, MOST))
        .map(rows -> list(rows, HealthSamples::sample));
  }

  /**
   * An hour of a kind.
   *
   * @param from when it begins
   * @param score the mean of its samples
   * @param least the lowest of them
   */
  public record Hour(
      String kind,
      Instant from,
      double score,
      int least,
      long ready,
      long done,
      long failed,
      long ran,
      long runMs,
      long waitMs) {}

  /**
   * The last hours of all kinds, the oldest first; at most ten thousand rows.
   *
   * @param hours 1 to 2,400
   */
  public Future<List<Hour>> hours(int hours) {
    return pool.preparedQuery(
            """
            select kind, date_trunc('hour', at) as from_at, avg(score)::float8 as score, min(score) as least,
                   max(ready) as ready, sum(done)::bigint as done, sum(failed)::bigint as failed,
                   sum(ran)::bigint as ran, sum(run_ms)::bigint as run_ms, sum(wait_ms)::bigint as wait_ms
              from health_sample where at > date_trunc('hour', clock()) - $1 * interval '1 hour'
             group by 1, 2 order by 2, 1 limit $2""")
        .execute(Tuple.of(Math.min(2_400, Math.max(1, hours)), MOST))
        .map(rows -> list(rows, HealthSamples::hour));
  }

  /**
   * The last sixty minutes of a kind, and the same minutes of each day before that has any sample
   * in them; the newest first.
   *
   * @param days how far back
   */
  public Future<List<Hour>> sameHour(String kind, int days) {
    return pool.preparedQuery(
            """
            select $1 as kind, max(h.at) as from_at, avg(score)::float8 as score, min(score) as least,
                   max(ready) as ready, sum(done)::bigint as done, sum(failed)::bigint as failed,
                   sum(ran)::bigint as ran, sum(run_ms)::bigint as run_ms, sum(wait_ms)::bigint as wait_ms
              from generate_series(0, $2::int) as d(back)
             cross join lateral (
                   select * from health_sample s
                    where s.kind = $1 and s.at > clock() - (d.back * 24 + 1) * interval '1 hour'
                      and s.at <= clock() - d.back * interval '24 hours'
                   offset 0) h
             group by d.back order by d.back""")
        .execute(Tuple.of(kind, days))
        .map(rows -> list(rows, HealthSamples::hour));
  }

  /** Forgets samples that are older than so many days, some of them at a time. */
  public Future<Integer> forget(int days) {
    return pool.preparedQuery(
            """
            delete from health_sample where ctid = any (array(
              select ctid from health_sample where at < clock() - $1 * interval '1 day' order by at limit $2))""")
        .execute(Tuple.of(days, STEP))
        .map(rows -> rows.rowCount());
  }

  private static <T> List<T> list(Iterable<Row> rows, Function<Row, T> read) {
    List<T> all = new ArrayList<>();
    rows.forEach(row -> all.add(read.apply(row)));
    return all;
  }

  private static Sample sample(Row row) {
    Double oldest = row.getDouble("oldest_ms");
    return new Sample(
        row.getString("kind"),
        instant(row.getOffsetDateTime("at")),
        row.getString("queue"),
        row.getShort("score"),
        row.getString("lost_text"),
        row.getLong("ready"),
        oldest == null ? OptionalDouble.empty() : OptionalDouble.of(oldest),
        row.getLong("done"),
        row.getLong("failed"),
        row.getLong("ran"),
        row.getLong("run_ms"),
        row.getLong("wait_ms"));
  }

  private static Hour hour(Row row) {
    return new Hour(
        row.getString("kind"),
        instant(row.getOffsetDateTime("from_at")),
        row.getDouble("score"),
        row.getShort("least"),
        row.getLong("ready"),
        row.getLong("done"),
        row.getLong("failed"),
        row.getLong("ran"),
        row.getLong("run_ms"),
        row.getLong("wait_ms"));
  }

  private static Instant instant(OffsetDateTime at) {
    return at.withOffsetSameInstant(ZoneOffset.UTC).toInstant();
  }
}
