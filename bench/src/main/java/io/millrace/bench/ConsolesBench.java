package io.millrace.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.millrace.bench.peer.ConsoleUnderTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code consoles}: what open consoles cost a burn-down. Rounds with and without them take turns;
 * every pair of rounds gives one ratio, and the figure is the median of these. The readers have a
 * process of their own, whose CPU is told apart but runs on the same cores.
 */
@Command(name = "consoles")
final class ConsolesBench extends Benchmark {
  @Option(names = "--consoles", paramLabel = "N", description = "Open at once (100).")
  int consoles = ConsoleUnderTest.OPERATORS;

  @Option(names = "--jobs", paramLabel = "N", description = "Jobs a round (400,000).")
  int jobs = 400_000;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Pairs of rounds that count, after one that does not (5).")
  int rounds = 5;

  @Override
  String name() {
    return "consoles";
  }

  /** What a round came to. */
  private record Round(double seconds, double server, double worker, double readers, String read) {}

  @Override
  ObjectNode measure(Scope scope) throws Exception {
    ObjectNode machine = Machine.describe();
    Path work = scope.directory();
    Postgres postgres = scope.own(Postgres.start(work.resolve("data")));
    machine.put("postgresql", postgres.ask("show server_version"));
    Contender worker =
        Contender.start(
            scope, postgres, work, Rival.MILLRACE, List.of("console=shared"), List.of());
    ReadersProcess readers = scope.own(ReadersProcess.start(work));
    List<Round> with = new ArrayList<>();
    List<Round> without = new ArrayList<>();
    // The first start makes the console.
    worker.enqueue(jobs);
    worker.burn(jobs);
    for (int round = 0; round <= rounds; round++) {
      // Whoever comes second finds the server as the first has left it, so they change places.
      for (boolean open : round % 2 == 0 ? List.of(false, true) : List.of(true, false)) {
        Round one = round(postgres, worker, readers, open);
        say(
            "%s %s: %,.0f jobs/s%s"
                .formatted(
                    round == 0 ? "warm-up" : "round " + round,
                    open ? "with consoles" : "without",
                    jobs / one.seconds(),
                    open ? ", readers' CPU %.2f s, %s".formatted(one.readers(), one.read()) : ""));
        if (round > 0) {
          (open ? with : without).add(one);
        }
      }
    }
    return figures(postgres, machine, with, without);
  }

  private Round round(Postgres postgres, Contender worker, ReadersProcess readers, boolean open)
      throws Exception {
    worker.enqueue(jobs);
    if (open) {
      readers.open(worker.console(), consoles);
    }
    double server = postgres.cpuSeconds();
    double process = worker.cpuSeconds();
    double reading = readers.cpuSeconds();
    double seconds = worker.burn(jobs);
    double[] cpu = {
      postgres.cpuSeconds() - server, worker.cpuSeconds() - process, readers.cpuSeconds() - reading
    };
    String read = open ? readers.leave() : "";
    return new Round(seconds, cpu[0], cpu[1], cpu[2], read);
  }

  private ObjectNode figures(
      Postgres postgres, ObjectNode machine, List<Round> with, List<Round> without) {
    ObjectNode figures = Result.JSON.createObjectNode().put("name", name());
    double[] ratios = new double[rounds];
    ArrayNode costs = Result.JSON.createArrayNode();
    for (int i = 0; i < rounds; i++) {
      ratios[i] = 1 - without.get(i).seconds() / with.get(i).seconds();
      costs.add(Result.figure(ratios[i]));
    }
    figures.set("costRatio", Result.figure(Contest.median(ratios)));
    figures.set("costOfRounds", costs);
    describe(figures.putObject("with"), with);
    describe(figures.putObject("without"), without);
    figures.put("read", with.get(with.size() - 1).read());
    Contest.settings(figures, postgres)
        .put("consoles", consoles)
        .put("jobs", jobs)
        .put("rounds", rounds);
    figures.set("machine", machine);
    return figures;
  }

  private void describe(ObjectNode to, List<Round> of) {
    double[] rates = of.stream().mapToDouble(one -> jobs / one.seconds()).toArray();
    to.set("jobsPerSecond", Result.figure(Contest.median(rates)));
    ObjectNode cpu = to.putObject("cpuSeconds");
    cpu.set("postgresql", median(of.stream().mapToDouble(Round::server).toArray()));
    cpu.set("worker", median(of.stream().mapToDouble(Round::worker).toArray()));
    cpu.set("readers", median(of.stream().mapToDouble(Round::readers).toArray()));
    to.set("seconds", median(of.stream().mapToDouble(Round::seconds).toArray()));
  }

  private static JsonNode median(double[] values) {
    return Result.figure(Contest.median(values));
  }
}
