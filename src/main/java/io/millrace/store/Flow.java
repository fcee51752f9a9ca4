package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the last hour was like, minute by minute and over all processes: {@link Tallies} counts into
 * it what ended, {@link #sample} marks the rest. Kept for three hours. Thread-safe.
 */
public final class Flow {
  /** How many minutes are told of; the last one is under way. */
  public static final int MINUTES = 60;

  private static final int MOST_ROWS = 20_000;
  private static final int MOST_SAMPLED = 10_000;
  private static final String SAMPLE = Sql.named("sample_flow");
  private static final Map<String, String> MARKS = Map.of("ids", "came", "stored", "stored");

  private final Pool pool;

  /** Works on the pool's connections. */
  public Flow(Pool pool) {
    this.pool = pool;
  }

  /**
   * One line through the minutes.
   *
   * @param measure came (jobs that were offered, refused duplicates as well), completed, skipped,
   *     cancelled or dead (jobs that ended), stored (messages, by full syncs) or running (the most
   *     runs at once)
   * @param of a kind or a worker; empty for the whole
   * @param queue of the kind; null if it is not of one
   * @param points one for each minute; null where nothing is known
   */
  public record Series(String measure, String of, String queue, List<Long> points) {}

  /**
   * An hour.
   *
   * @param from when its first minute begins
   */
  public record Hour(Instant from, List<Series> series) {}

  private record Line(String measure, String what) {}

  /** Marks the present minute; to be called some times in each, by one process. */
  public Future<Void> sample() {
    return pool.preparedQuery(SAMPLE).execute(Tuple.of((long) MOST_SAMPLED)).mapEmpty();
  }

  /** The last hour, of at most twenty thousand counts, the newest. */
  public Future<Hour> hour() {
    return pool.preparedQuery(
            """
            select f.minute, f.measure, f.what, f.n, k.queue, date_trunc('minute', clock()) as now
              from flow f left join job_kind k on k.name = f.what and f.measure <> 'running'
             where f.minute >= date_trunc('minute', clock()) - $1 * interval '1 minute'
             order by f.minute desc, f.measure, f.what limit $2""")
        .execute(Tuple.of(MINUTES, MOST_ROWS))
        .compose(
            rows ->
                rows.size() > 0
                    ? Future.succeededFuture(hour(rows, at(rows.iterator().next(), "now")))
                    : pool.query("select date_trunc('minute', clock()) as now")
                        .execute()
                        .map(only -> hour(List.of(), at(only.iterator().next(), "now"))));
  }

  private static Hour hour(Iterable<Row> rows, Instant now) {
    Instant before = now.minus(Duration.ofMinutes(MINUTES));
    Map<Line, Long[]> lines = new LinkedHashMap<>();
    Map<Line, String> queues = new LinkedHashMap<>();
    for (Row row : rows) {
      Line line = new Line(row.getString("measure"), row.getString("what"));
      int minute = (int) Duration.between(before, at(row, "minute")).toMinutes();
      if (minute >= 0 && minute <= MINUTES) {
        lines.computeIfAbsent(line, l -> new Long[MINUTES + 1])[minute] = row.getLong("n");
        queues.put(line, row.getString("queue"));
      }
    }
    List<Series> all = new ArrayList<>();
    lines.forEach(
        (line, counts) -> {
          String grows = MARKS.get(line.measure());
          all.add(
              new Series(
                  grows == null ? line.measure() : grows,
                  line.what(),
                  queues.get(line),
                  grows == null ? counted(counts) : grown(counts)));
        });
    return new Hour(before.plus(Duration.ofMinutes(1)), all);
  }

  private static List<Long> counted(Long[] counts) {
    List<Long> points = new ArrayList<>();
    for (int i = 1; i <= MINUTES; i++) {
      points.add(counts[i] == null ? 0 : counts[i]);
    }
    return points;
  }

  /** What came between a mark and the one before it; unknown where something began anew. */
  private static List<Long> grown(Long[] marks) {
    List<Long> points = new ArrayList<>();
    Long last = marks[0];
    for (int i = 1; i <= MINUTES; i++) {
      Long mark = marks[i];
      if (mark == null) {
        points.add(null);
      } else {
        points.add(last == null || mark < last ? null : mark - last);
        last = mark;
      }
    }
    return points;
  }

  private static Instant at(Row row, String column) {
    return row.getOffsetDateTime(column).toInstant();
  }
}
