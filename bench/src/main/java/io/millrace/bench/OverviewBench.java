package io.millrace.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.bench.peer.ConsoleUnderTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code overview}: how long the console's answers take over HTTP with millions of jobs in the
 * tables, while a worker that can run half of what is ready drains it, and while it rests. The
 * console is as it is served: what many ask for is shared for a moment. So clients pause between
 * two looks for long enough that the slowest hundredth of the answers was read from the database.
 */
@Command(name = "overview")
final class OverviewBench extends Benchmark {
  private static final String OVERVIEW = "/api/v1/overview";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** What is asked for, by the name that it has in the result. */
  private static final Map<String, String> ASKED = new LinkedHashMap<>();

  static {
    ASKED.put("overview", OVERVIEW);
    ASKED.put("snapshot", "/api/v1/snapshot");
    ASKED.put("workers", "/api/v1/workers");
    ASKED.put("limits", "/api/v1/limits");
    ASKED.put("queues", "/api/v1/queues");
    ASKED.put("mailboxes", "/api/v1/mailboxes");
    ASKED.put("jobs", "/api/v1/jobs");
    ASKED.put("jobsOfKind", "/api/v1/jobs?kind=load-1");
    ASKED.put("jobsOfUser", "/api/v1/jobs?user=17");
    ASKED.put("jobsReady", "/api/v1/jobs?state=ready");
    ASKED.put("jobsCompleted", "/api/v1/jobs?state=completed");
    ASKED.put("jobsDead", "/api/v1/jobs?state=dead");
    ASKED.put("jobsOfBatch", "/api/v1/jobs?batch=3");
    ASKED.put("jobsWithError", "/api/v1/jobs?error=answer");
    ASKED.put("dead", "/api/v1/dead");
    ASKED.put("deadGroups", "/api/v1/dead/groups");
  }

  @Option(names = "--live", paramLabel = "N", description = "Jobs that live (5,000,000).")
  int live = 5_000_000;

  @Option(names = "--archived", paramLabel = "N", description = "Jobs that have ended (5,000,000).")
  int archived = 5_000_000;

  @Option(
      names = "--clients",
      paramLabel = "N",
      split = ",",
      description = "At once; the last of them gives the figure (1,4).")
  List<Integer> clients = List.of(1, 4);

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "For each question and number of clients (3); ten times that for the overview.")
  int seconds = 3;

  @Option(
      names = "--pause-ms",
      paramLabel = "N",
      description = "Of each client between an answer and the next question (150).")
  int pauseMs = 150;

  private final HttpClient http = HttpClient.newHttpClient();

  @Override
  String name() {
    return "overview";
  }

  @Override
  ObjectNode measure(Scope scope) throws Exception {
    ObjectNode machine = Machine.describe();
    Path work = scope.directory();
    Postgres postgres = scope.own(Postgres.start(work.resolve("data")));
    machine.put("postgresql", postgres.ask("show server_version"));
    Contender worker =
        Contender.start(
            scope, postgres, work, Rival.MILLRACE, List.of("console=shared"), List.of());
    double filled = fill(postgres);
    say("filled in %.0f s".formatted(filled));
    worker.tidy();

    worker.start(Integer.MAX_VALUE);
    String root = "http://127.0.0.1:" + worker.console();
    load(root, OVERVIEW, 1, seconds);
    long from = System.nanoTime();
    long begun = worker.begun();
    ObjectNode draining = ask(root, worker);
    double rate = (worker.begun() - begun) / ((System.nanoTime() - from) / 1e9);
    worker.stop();
    worker.tidy();
    ObjectNode resting = ask(root, null);

    ObjectNode figures = Result.JSON.createObjectNode().put("name", name());
    String most = Integer.toString(clients.get(clients.size() - 1));
    figures.set("p99Ms", draining.at("/overview/" + most + "/p99Ms"));
    figures.set("p99MsResting", resting.at("/overview/" + most + "/p99Ms"));
    figures.set("draining", draining);
    figures.set("resting", resting);
    figures.set("jobsPerSecond", Result.figure(rate));
    ObjectNode rows = figures.putObject("rows");
    for (String table :
        List.of("ready", "scheduled", "waiting", "aside", "outcome", "dead", "body")) {
      rows.put(
          table,
          Long.parseLong(
              postgres.ask(Rival.MILLRACE.database(), "select count(*) from job_" + table)));
    }
    Contest.settings(figures, postgres)
        .put("live", live)
        .put("archived", archived)
        .put("clients", clients.toString())
        .put("seconds", seconds)
        .put("pauseMs", pauseMs);
    figures.set("machine", machine);
    return figures;
  }

  private double fill(Postgres postgres) throws Exception {
    long from = System.nanoTime();
    try (Connection connection = postgres.connect(Rival.MILLRACE.database());
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("set local bench.live = '%d'".formatted(live));
      statement.execute("set local bench.archived = '%d'".formatted(archived));
      statement.execute("set local bench.kind = 'bench'");
      statement.execute(Files.readString(Home.directory().resolve("fill.sql")));
      connection.commit();
    }
    return (System.nanoTime() - from) / 1e9;
  }

  /** By question and number of clients. */
  private ObjectNode ask(String root, Contender worker) throws Exception {
    ObjectNode all = Result.JSON.createObjectNode();
    for (Map.Entry<String, String> asked : ASKED.entrySet()) {
      ObjectNode of = all.putObject(asked.getKey());
      for (int n : clients) {
        int time = asked.getValue().equals(OVERVIEW) ? 10 * seconds : seconds;
        double[] millis = load(root, asked.getValue(), n, time);
        ObjectNode one = of.putObject(Integer.toString(n));
        one.set("p50Ms", Result.figure(at(millis, 0.50)));
        one.set("p99Ms", Result.figure(at(millis, 0.99)));
        one.put("answers", millis.length);
        say(
            "%s, %s, %d clients: p50 %.1f ms, p99 %.1f ms"
                .formatted(
                    worker == null ? "resting" : "draining",
                    asked.getKey(),
                    n,
                    at(millis, 0.50),
                    at(millis, 0.99)));
      }
    }
    return all;
  }

  /** Milliseconds of each answer, in order of size. */
  private double[] load(String root, String path, int n, int time) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(n);
    try {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(time);
      List<Future<List<Double>>> loops = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create(root + path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + ConsoleUnderTest.token(i))
                .build();
        loops.add(threads.submit(() -> loop(request, end)));
      }
      List<Double> all = new ArrayList<>();
      for (Future<List<Double>> loop : loops) {
        all.addAll(loop.get());
      }
      return all.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    } finally {
      threads.shutdownNow();
    }
  }

  private List<Double> loop(HttpRequest request, long end) throws Exception {
    List<Double> millis = new ArrayList<>();
    do {
      long from = System.nanoTime();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new BenchException(
            "%s was answered %d: %s".formatted(request.uri(), answer.statusCode(), answer.body()));
      }
      millis.add((System.nanoTime() - from) / 1e6);
      TimeUnit.MILLISECONDS.sleep(pauseMs);
    } while (System.nanoTime() < end);
    return millis;
  }

  private static double at(double[] sorted, double quantile) {
    return sorted[Math.min(sorted.length - 1, (int) (quantile * sorted.length))];
  }
}
