package io.millrace.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code rescue}: a process with many jobs running at once is killed; how long until another that
 * was there all the time runs all of them.
 */
@Command(name = "rescue")
final class RescueBench extends Benchmark {
  @Option(names = "--jobs", paramLabel = "N", description = "Jobs that run at once (1,000).")
  int jobs = 1_000;

  @Override
  String name() {
    return "rescue";
  }

  @Override
  ObjectNode measure(Scope scope) throws Exception {
    ObjectNode machine = Machine.describe();
    Path work = scope.directory();
    Postgres postgres = scope.own(Postgres.start(work.resolve("data")));
    machine.put("postgresql", postgres.ask("show server_version"));
    ObjectNode figures = Result.JSON.createObjectNode().put("name", name());
    figures.set("secondsShortLease", Result.figure(seconds(postgres, work, 3_000, 1_000)));
    postgres.run("postgres", "drop database " + Rival.MILLRACE.database());
    figures.set("seconds", Result.figure(seconds(postgres, work, 60_000, 20_000)));
    Contest.settings(figures, postgres)
        .put("jobs", jobs)
        .put("leaseMs", 60_000)
        .put("heartbeatMs", 20_000)
        .put("shortLeaseMs", 3_000)
        .put("shortHeartbeatMs", 1_000);
    figures.set("machine", machine);
    return figures;
  }

  private double seconds(Postgres postgres, Path work, int leaseMs, int heartbeatMs)
      throws Exception {
    List<String> options =
        List.of("slots=" + jobs, "hold=true", "leaseMs=" + leaseMs, "heartbeatMs=" + heartbeatMs);
    try (Scope scope = new Scope()) {
      Contender first = Contender.start(scope, postgres, work, Rival.MILLRACE, options, List.of());
      first.enqueue(jobs);
      first.start(jobs);
      first.ran();
      Contender second = Contender.beside(scope, postgres, work, first, options);
      second.start(jobs);
      long from = System.nanoTime();
      first.kill();
      second.ran();
      double seconds = (System.nanoTime() - from) / 1e9;
      say("lease %d ms: all %,d run again after %.1f s".formatted(leaseMs, jobs, seconds));
      second.kill();
      return seconds;
    }
  }
}
