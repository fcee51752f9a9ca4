package io.millrace.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows what was enqueued, and says whether each job came to exactly one end, with each of its
 * marks left exactly once, and how long that took.
 */
final class Oracle {
  private static final Logger log = LoggerFactory.getLogger(Oracle.class);

  private final String test;
  private final long seed;
  private final Set<Long> plain = new HashSet<>();
  private final Set<Long> marked = new HashSet<>();
  private final Set<Long> dead = new TreeSet<>();
  private final List<WorkerProcess> workers = new ArrayList<>();
  private PostgresServer server;

  Oracle(PostgresServer server, String test, long seed) {
    this.seed = seed;
    this.server = server;
    this.test = test;
  }

  void server(PostgresServer other) {
    server = other;
  }

  void watch(WorkerProcess worker) {
    workers.add(worker);
  }

  /** These were enqueued. */
  void expect(String kind, List<Long> ids) {
    (kind.equals("plain") || kind.equals("poison") ? plain : marked).addAll(ids);
  }

  /** These must end as dead, and leave no mark. */
  void expectDead(List<Long> ids) {
    dead.addAll(ids);
    marked.removeAll(ids);
    plain.addAll(ids);
  }

  /** How many stand in a state. */
  long in(String state) throws SQLException {
    return server.number("select count(*) from job where state = '%s'".formatted(state));
  }

  /** How many have come to an end. */
  long ended() throws SQLException {
    return server.number(
        "select (select count(*) from job_outcome) + (select count(*) from job_dead)");
  }

  /** Whether each engine that lives has logged this. */
  boolean said(String text) {
    return workers.stream().filter(WorkerProcess::alive).allMatch(w -> w.log().contains(text));
  }

  /** Waits until some have come to an end: the work is under way. */
  void underWay(int some) {
    Await.until(Duration.ofSeconds(30), this::situation, () -> ended() >= some);
  }

  /**
   * Waits until all have come to an end, and checks it.
   *
   * @param bound within which that must be
   */
  Duration settled(Duration bound) throws SQLException {
    Set<Long> all = new TreeSet<>(plain);
    all.addAll(marked);
    Duration took = Await.until(bound, this::situation, () -> ended() >= all.size());
    log.info("{}: all was done {} ms after the disturbance", test, took.toMillis());
    assertEquals(all, ids("select id from job"), "every job is still known");
    assertEquals(
        List.of(), rows("select id from job group by id having count(*) > 1"), "ended twice");
    assertEquals(
        List.of(),
        rows("select id || ' ' || state from job where state not in ('completed', 'dead')"),
        "not ended");
    assertEquals(dead, ids("select id from job where state = 'dead'"), this::situation);
    assertEquals(marked, ids("select job from chaos.effect"), "has left a mark");
    assertEquals(
        List.of(),
        rows(
            "select job || ' step ' || step from chaos.effect group by job, step having count(*) > 1"),
        "left a mark twice");
    assertEquals(0, server.number("select count(*) from job_running"), "runs left over");
    assertEquals(
        0,
        server.number(
            "select count(*) from job_progress p where not exists (select from job_dead d where d.id = p.id)"),
        "checkpoints left over");
    assertEquals(List.of(), startedTwice(), "a run was begun twice");
    assertEquals(List.of(), unclear(), "log lines that tell nobody anything");
    return took;
  }

  /** What a person cannot act upon: a warning without a reason, or one from nowhere. */
  private List<String> unclear() {
    return workers.stream()
        .flatMap(w -> w.log().lines())
        .filter(l -> l.matches(".*(: null\\b|Unhandled exception).*"))
        .distinct()
        .toList();
  }

  /** Stack traces that were printed, not logged: they break a log of one object a line. */
  List<String> strayTraces() {
    return workers.stream()
        .flatMap(w -> w.log().lines())
        .filter(l -> l.matches("[a-z]+(\\.\\w+)+(Exception|Error)(:.*)?"))
        .distinct()
        .toList();
  }

  /** A run has one number and one worker. */
  private List<String> startedTwice() {
    Set<String> seen = new HashSet<>();
    return workers.stream().flatMap(w -> w.began().stream()).filter(run -> !seen.add(run)).toList();
  }

  /** For a person who reads why it failed. */
  String situation() {
    String states;
    try {
      states =
          rows("""
                  select kind.name || ' ' || state || ' failures=' || failures || ': ' || count(*)
                    from job join job_kind kind on kind.id = job.kind
                   group by kind.name, state, failures order by 1""")
              .toString();
    } catch (SQLException e) {
      states = e.getMessage();
    }
    return "seed "
        + seed
        + ": "
        + states
        + workers.stream()
            .map(w -> "\n--- a worker\n" + tail(w.log()))
            .collect(Collectors.joining());
  }

  private static String tail(String log) {
    List<String> lines = log.lines().filter(l -> !l.contains(" began ")).toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 25), lines.size()));
  }

  private List<String> rows(String sql) throws SQLException {
    return server.rows(sql);
  }

  private Set<Long> ids(String sql) throws SQLException {
    return rows(sql).stream().map(Long::valueOf).collect(Collectors.toCollection(TreeSet::new));
  }
}
