package io.millrace.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code pickup}: single jobs at a fixed rate, whether or not the system keeps up; how long each
 * waits from the call that enqueues it until its handler begins, in the clock of one process.
 */
@Command(name = "pickup")
final class PickupBench extends Benchmark {
  private static final int WARM_UP_SECONDS = 5;

  @Option(names = "--rate", paramLabel = "N", description = "Jobs a second (500).")
  int rate = 500;

  @Option(names = "--seconds", paramLabel = "N", description = "For how long (20).")
  int seconds = 20;

  @Mixin ContestOptions contest = new ContestOptions();

  @Override
  String name() {
    return "pickup";
  }

  @Override
  ObjectNode measure(Scope scope) throws Exception {
    ObjectNode machine = Machine.describe();
    Path work = scope.directory();
    Path data = work.resolve("data");
    Postgres postgres =
        scope.own(contest.statements ? Postgres.counting(data) : Postgres.start(data));
    machine.put("postgresql", postgres.ask("show server_version"));
    ObjectNode figures = Result.JSON.createObjectNode().put("name", name());
    // What gives each the shortest wait, not the highest rate.
    contest.set.putIfAbsent("graphile-worker.localQueue", "25");
    contest.set.putIfAbsent("graphile-worker.refetchDelay", "0");
    contest.set.putIfAbsent("db-scheduler.pollMs", "5");
    Map<Rival, ObjectNode> systems = new LinkedHashMap<>();
    for (Rival rival : Contest.present(contest, figures)) {
      // One after the other: a system that waits for work may poll.
      try (Scope own = new Scope()) {
        systems.put(rival, one(own, postgres, work, rival));
      }
    }
    ObjectNode ours = systems.get(Rival.MILLRACE);
    for (String figure : List.of("p50Ms", "p99Ms")) {
      figures.set(figure, ours == null ? null : ours.get(figure));
    }
    ObjectNode peers = figures.putObject("peers");
    ObjectNode all = figures.putObject("systems");
    systems.forEach(
        (rival, system) -> {
          if (rival != Rival.MILLRACE) {
            ObjectNode peer = peers.putObject(rival.label());
            peer.set("p50Ms", system.get("p50Ms"));
            peer.set("p99Ms", system.get("p99Ms"));
          }
          all.set(rival.label(), system);
        });
    Contest.settings(figures, postgres).put("rate", rate).put("seconds", seconds);
    figures.set("machine", machine);
    return figures;
  }

  private ObjectNode one(Scope scope, Postgres postgres, Path work, Rival rival) throws Exception {
    Contender contender =
        Contender.start(scope, postgres, work, rival, contest.of(rival), contest.javaOptions);
    contender.pickup(rate, WARM_UP_SECONDS);
    contender.tidy();
    if (contest.statements) {
      postgres.run("postgres", "select pg_stat_statements_reset()");
    }
    double worker = contender.cpuSeconds();
    double server = postgres.cpuSeconds();
    JsonNode latencies = contender.pickup(rate, seconds);
    double[] begun =
        StreamSupport.stream(latencies.spliterator(), false)
            .filter(JsonNode::isNumber)
            .mapToDouble(JsonNode::asDouble)
            .sorted()
            .toArray();
    ObjectNode system = Result.JSON.createObjectNode();
    system.set("p50Ms", Result.figure(at(begun, 0.50)));
    system.set("p90Ms", Result.figure(at(begun, 0.90)));
    system.set("p99Ms", Result.figure(at(begun, 0.99)));
    system.set("maxMs", Result.figure(at(begun, 1)));
    system.put("jobs", latencies.size());
    system.put("neverBegun", latencies.size() - begun.length);
    ObjectNode cpu = system.putObject("cpuMicrosPerJob");
    cpu.set("postgresql", perJob(postgres.cpuSeconds() - server));
    cpu.set("worker", perJob(contender.cpuSeconds() - worker));
    if (contest.statements) {
      system.set("statements", Contest.statements(postgres, rate * seconds));
    }
    system.set("settings", contender.settings());
    say("%s: p50 %.1f ms, p99 %.1f ms".formatted(rival.label(), at(begun, 0.50), at(begun, 0.99)));
    return system;
  }

  private JsonNode perJob(double cpuSeconds) {
    return Result.figure(cpuSeconds * 1e6 / rate / seconds);
  }

  /** A quantile of what is sorted; not a number of nothing. */
  private static double at(double[] sorted, double quantile) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[Math.min(sorted.length - 1, (int) (quantile * sorted.length))];
  }
}
