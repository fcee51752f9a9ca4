package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Looks for jobs that are stuck or at odds with the rest of the tables and repairs what it finds:
 * one statement each, in {@code sql/check_<name>.sql}. What would be a scan is walked in steps, one
 * at each call. Used by one context.
 */
public final class Checks {
  /** Rows that one step looks at. */
  private static final int STEP = 500;

  /** Jobs of batches that one step counts. */
  private static final int COUNTED = 1_000;

  private final Pool pool;
  private final List<Check> checks;

  /**
   * What a check found.
   *
   * @param check its name
   * @param found what was wrong; 0 for mere housekeeping
   * @param repaired what was set right or cleared away
   * @param detail an example for a person, or null
   */
  public record Finding(String check, long found, long repaired, String detail) {
    /** Whether there was nothing to find and nothing to do. */
    public boolean clean() {
      return found + repaired == 0;
    }

    /** The same with more set right. */
    public Finding repaired(long more) {
      return new Finding(check, found, repaired + more, detail);
    }
  }

  /** A statement, where its walk stands, and how it goes on. */
  private record Check(String name, String sql, Supplier<Tuple> values, Consumer<Row> after) {}

  /**
   * @param readyMs how long a job may be ready without being claimed, in milliseconds
   * @param hardMs how long a run may take that is past its deadline, in milliseconds
   * @param forgetMs after how long a worker that is gone is forgotten, in milliseconds
   */
  public Checks(Pool pool, long readyMs, long hardMs, long forgetMs) {
    this.pool = pool;
    this.checks =
        List.of(
            once("unclaimed", Tuple.of(readyMs)),
            once("overdue", Tuple.of(readyMs, STEP)),
            overruns(hardMs),
            walk("bodies", 0),
            walk("doubles", 0),
            walk("progress", 0),
            walk("gates", Long.MIN_VALUE),
            walk("waiting", 0),
            batches(),
            pairs("keys", 0L, "", "next_key"),
            tags(),
            once("windows", Tuple.of(STEP)),
            once("workers", Tuple.of(forgetMs, STEP)),
            once("cancels", Tuple.of(STEP)));
  }

  private static Check once(String name, Tuple values) {
    return new Check(name, Sql.named("check_" + name), () -> values, row -> {});
  }

  private static Check walk(String name, long start) {
    long[] place = {start};
    return new Check(
        name,
        Sql.named("check_" + name),
        () -> Tuple.of(place[0], STEP),
        row -> place[0] = row.getLong("next") == null ? start : row.getLong("next"));
  }

  private static Check overruns(long hardMs) {
    long[] place = {0};
    return new Check(
        "overruns",
        Sql.named("check_overruns"),
        () -> Tuple.of(hardMs, place[0], STEP),
        row -> place[0] = row.getLong("next") == null ? 0 : row.getLong("next"));
  }

  private static Check pairs(String name, Long first, String second, String column) {
    Object[] place = {first, second};
    return new Check(
        name,
        Sql.named("check_" + name),
        () -> Tuple.of(place[0], place[1], STEP),
        row -> {
          boolean end = row.getLong("next") == null;
          place[0] = end ? first : row.getLong("next");
          place[1] = end ? second : row.getString(column);
        });
  }

  private static Check batches() {
    JsonObject[] place = {new JsonObject()};
    return new Check(
        "batches",
        Sql.named("check_batches"),
        () -> Tuple.of(place[0], COUNTED),
        row -> place[0] = row.getJsonObject("next"));
  }

  private static Check tags() {
    Object[] place = {(short) 0, Long.MIN_VALUE};
    return new Check(
        "tags",
        Sql.named("check_tags"),
        () -> Tuple.of(place[0], place[1], STEP),
        row -> {
          boolean end = row.getLong("next") == null;
          place[0] = end ? (short) 0 : row.getShort("next_kind");
          place[1] = end ? Long.MIN_VALUE : row.getLong("next");
        });
  }

  /** The names of all checks, in the order in which they run. */
  public List<String> names() {
    return checks.stream().map(Check::name).toList();
  }

  /**
   * Runs checks, each in a transaction of its own.
   *
   * @param names of the checks, all of them if none is given
   * @return what was found; checks that found and did nothing are left out
   */
  public Future<List<Finding>> run(String... names) {
    List<String> wanted = Arrays.asList(names);
    List<Finding> findings = new ArrayList<>();
    Future<Void> done = Future.succeededFuture();
    for (Check check : checks) {
      if (wanted.isEmpty() || wanted.contains(check.name())) {
        done = done.compose(v -> run(pool, check)).map(f -> note(findings, f));
      }
    }
    return done.map(findings);
  }

  /** Runs all checks, each in a transaction of its own, and answers what each found, or nothing. */
  public Future<List<Finding>> round() {
    List<Finding> findings = new ArrayList<>();
    Future<Void> done = Future.succeededFuture();
    for (Check check : checks) {
      done =
          done.compose(v -> run(pool, check))
              .map(
                  finding -> {
                    findings.add(finding);
                    return null;
                  });
    }
    return done.map(findings);
  }

  /**
   * Runs one check as a part of something.
   *
   * @param on where its statement goes
   * @param name one of {@link #names}
   */
  public Future<Finding> run(Pool on, String name) {
    return checks.stream()
        .filter(check -> check.name().equals(name))
        .findFirst()
        .map(check -> run(on, check))
        .orElseGet(
            () -> Future.failedFuture(new IllegalArgumentException("no such check: " + name)));
  }

  private static Void note(List<Finding> findings, Finding finding) {
    if (!finding.clean()) {
      findings.add(finding);
    }
    return null;
  }

  private static Future<Finding> run(Pool on, Check check) {
    return on.preparedQuery(check.sql())
        .execute(check.values().get())
        .map(rows -> rows.iterator().next())
        .map(
            row -> {
              check.after().accept(row);
              return new Finding(
                  check.name(),
                  row.getLong("found"),
                  row.getLong("repaired"),
                  row.getString("detail"));
            });
  }
}
