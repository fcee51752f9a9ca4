package io.millrace.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code burn-down}: jobs that do nothing, enqueued before, from the start of the worker until all
 * are durably done. Every system has its own database on the same server, and the rounds take
 * turns.
 */
@Command(name = "burn-down")
final class BurnDownBench extends Benchmark {
  @Option(names = "--jobs", paramLabel = "N", description = "Jobs a round (200,000).")
  int jobs = 200_000;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Rounds that count, after one that does not (3).")
  int rounds = 3;

  @Mixin ContestOptions contest = new ContestOptions();

  @Override
  String name() {
    return "burn-down";
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
    Map<Contender, Rounds> all = new LinkedHashMap<>();
    for (Contender contender : Contest.enter(scope, postgres, work, contest, figures)) {
      all.put(contender, new Rounds(share(contender.name())));
    }
    for (int round = 0; round <= rounds; round++) {
      for (Map.Entry<Contender, Rounds> entry : all.entrySet()) {
        round(round, entry.getKey(), entry.getValue(), postgres);
      }
    }
    ObjectNode systems = Result.JSON.createObjectNode();
    Map<String, Double> rates = new LinkedHashMap<>();
    all.forEach(
        (contender, rounds) -> {
          rates.put(contender.name(), rounds.median());
          ObjectNode system = systems.putObject(contender.name());
          rounds.describe(system);
          system.set("settings", contender.settings());
        });
    Contest.compare(figures, rates, true);
    // A disturbance that lasts a round or two spoils medians more than it spoils these.
    ArrayNode ratios = figures.putArray("ratioOfRounds");
    for (int round = 0; round < rounds; round++) {
      double ours = Double.NaN;
      double best = 0;
      for (Map.Entry<Contender, Rounds> entry : all.entrySet()) {
        double rate = entry.getValue().rate(round);
        if (entry.getKey().name().equals(Rival.MILLRACE.label())) {
          ours = rate;
        } else {
          best = Math.max(best, rate);
        }
      }
      ratios.add(Result.figure(ours / best));
    }
    figures.set("systems", systems);
    Contest.settings(figures, postgres).put("jobs", jobs).put("rounds", rounds);
    figures.set("machine", machine);
    return figures;
  }

  /** The slow ones have less to do, so that the whole ends within minutes. */
  private int share(String name) {
    return switch (name) {
      case "db-scheduler" -> Math.max(1, jobs / 10);
      case "jobrunr" -> Math.max(1, jobs / 40);
      default -> jobs;
    };
  }

  private void round(int round, Contender contender, Rounds rounds, Postgres postgres)
      throws Exception {
    contender.enqueue(rounds.jobs());
    if (contest.statements) {
      postgres.run("postgres", "select pg_stat_statements_reset()");
    }
    double worker = contender.cpuSeconds();
    double server = postgres.cpuSeconds();
    double wal = postgres.walBytes();
    double seconds = contender.burn(rounds.jobs());
    if (round > 0) {
      rounds.add(
          seconds,
          postgres.cpuSeconds() - server,
          contender.cpuSeconds() - worker,
          postgres.walBytes() - wal);
      if (contest.statements) {
        rounds.statements(Contest.statements(postgres, rounds.jobs()));
      }
    }
    say(
        "%s %s: %,.0f jobs/s"
            .formatted(
                round == 0 ? "warm-up" : "round " + round,
                contender.name(),
                rounds.jobs() / seconds));
  }

  /** What the rounds of one system came to. */
  private static final class Rounds {
    private record One(double seconds, double serverCpu, double workerCpu, double walBytes) {}

    private final int jobs;
    private final List<One> all = new ArrayList<>();
    private ArrayNode statements;

    Rounds(int jobs) {
      this.jobs = jobs;
    }

    int jobs() {
      return jobs;
    }

    void add(double seconds, double serverCpu, double workerCpu, double walBytes) {
      all.add(new One(seconds, serverCpu, workerCpu, walBytes));
    }

    void statements(ArrayNode of) {
      statements = of;
    }

    double rate(int round) {
      return jobs / all.get(round).seconds();
    }

    double median() {
      return Contest.median(all.stream().mapToDouble(one -> jobs / one.seconds()).toArray());
    }

    void describe(ObjectNode system) {
      double[] rates = all.stream().mapToDouble(one -> jobs / one.seconds()).sorted().toArray();
      system.put("jobs", jobs);
      system.set("min", Result.figure(rates[0]));
      system.set("median", Result.figure(median()));
      system.set("max", Result.figure(rates[rates.length - 1]));
      ArrayNode each = system.putArray("rounds");
      all.forEach(one -> each.add(Result.figure(jobs / one.seconds())));
      ObjectNode cpu = system.putObject("cpuMicrosPerJob");
      cpu.set("postgresql", perJob(all.stream().mapToDouble(One::serverCpu).toArray(), 1e6));
      cpu.set("worker", perJob(all.stream().mapToDouble(One::workerCpu).toArray(), 1e6));
      system.set("walBytesPerJob", perJob(all.stream().mapToDouble(One::walBytes).toArray(), 1));
      if (statements != null) {
        system.set("statements", statements);
      }
    }

    private JsonNode perJob(double[] values, double unit) {
      return Result.figure(Contest.median(values) * unit / jobs);
    }
  }
}
