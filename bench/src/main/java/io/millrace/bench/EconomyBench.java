package io.millrace.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code economy}: what a stored message costs in quota units, on real mail in real threads, as the
 * simulator counts it; listings, histories and checks included. Several mailboxes at once show
 * whether users get the same share.
 */
@Command(name = "economy")
final class EconomyBench extends Benchmark {
  private static final String PROFILE = "2026-05";
  private static final int GET = 20;
  private static final int THREAD = 40;
  private static final long POLL_MS = 200;
  private static final long END_SECONDS = 600;

  /** Each thread by gets or whole, whichever is cheaper, and nothing else. */
  private static final String PERFECT =
      "select sum(least(%d * n, %d)) from (select count(*) as n from message".formatted(GET, THREAD)
          + " group by user_id, thread_id) threads";

  @Option(names = "--mailboxes", paramLabel = "N", description = "Mailboxes of that mail (4).")
  int mailboxes = 4;

  @Option(names = "--time-scale", paramLabel = "N", description = "1 to 20 (20).")
  int timeScale = 20;

  @Override
  String name() {
    return "economy";
  }

  @Override
  ObjectNode measure(Scope scope) throws Exception {
    ObjectNode machine = Machine.describe();
    Path mail = RealMail.file();
    Path work = scope.directory();
    say("%d mailboxes of real mail, %s, time scale %d".formatted(mailboxes, PROFILE, timeScale));
    SimulatorProcess simulator = SimulatorProcess.start(scope, work, simulated(mail));
    Postgres postgres = scope.own(Postgres.start(work.resolve("data")));
    machine.put("postgresql", postgres.ask("show server_version"));
    DemoProcess millrace =
        DemoProcess.start(
            scope,
            work,
            simulator,
            postgres,
            new DemoProcess.Setting(PROFILE, timeScale, "full", List.of()));
    List<JsonNode> reports = watched(millrace, simulator);
    DemoProcess.End end = millrace.end(1);
    JsonNode summary = end.summary();
    ObjectNode figures = figures(reports, postgres);
    figures.put("complete", end.complete());
    figures.set("unitsSpent", summary.get("unitsSpent"));
    figures.set("unitsNaive", summary.get("unitsNaive"));
    figures.set("throttled", summary.get("throttled"));
    figures.set("machine", machine);
    ObjectNode settings = figures.putObject("settings");
    settings.put("profile", PROFILE);
    settings.put("timeScale", timeScale);
    settings.put("mailboxes", mailboxes);
    return figures;
  }

  private static ObjectNode figures(List<JsonNode> reports, Postgres postgres) {
    JsonNode end = reports.get(reports.size() - 1);
    double units = end.path("unitsSpent").asDouble();
    double stored = postgres.number("select count(*) from message");
    ObjectNode figures = Result.JSON.createObjectNode();
    figures.put("name", "economy");
    figures.put("unitsRatio", rounded(units / (GET * stored)));
    figures.put("optimumRatio", rounded(postgres.number(PERFECT) / (GET * stored)));
    figures.put("jain", rounded(Result.jain(spent(halfway(reports, units)))));
    figures.put("messages", (long) stored);
    figures.put("unitsCounted", (long) units);
    figures.set("calls", end.get("calls"));
    figures.set("refetched", end.get("refetched"));
    figures.set("refetchedInThreads", end.get("refetchedInThreads"));
    return figures;
  }

  /** When half of all units were spent: at the end each user has what it needed, fair or not. */
  private static JsonNode halfway(List<JsonNode> reports, double units) {
    JsonNode nearest = reports.get(0);
    for (JsonNode report : reports) {
      if (distance(report, units) < distance(nearest, units)) {
        nearest = report;
      }
    }
    return nearest.path("unitsSpentByUser");
  }

  private static double distance(JsonNode report, double units) {
    return Math.abs(report.path("unitsSpent").asDouble() - units / 2);
  }

  private static double[] spent(JsonNode byUser) {
    return StreamSupport.stream(byUser.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  private static List<JsonNode> watched(DemoProcess millrace, SimulatorProcess simulator)
      throws Exception {
    List<JsonNode> reports = new ArrayList<>();
    long deadline = System.nanoTime() + END_SECONDS * 1_000_000_000;
    boolean alive;
    do {
      alive = millrace.alive();
      reports.add(simulator.get("sim/report"));
      Thread.sleep(POLL_MS);
    } while (alive && System.nanoTime() < deadline);
    return reports;
  }

  private List<String> simulated(Path mail) {
    List<String> arguments =
        new ArrayList<>(
            List.of("sim", "--port=0", "--profile=" + PROFILE, "--time-scale=" + timeScale));
    for (int i = 0; i < mailboxes; i++) {
      arguments.add("--mbox=" + mail);
    }
    return arguments;
  }

  /** Where the tests look for it as well; beside the checkout unless told otherwise. */
  private static double rounded(double value) {
    return Math.round(value * 10_000) / 10_000.0;
  }

  @Override
  boolean sound(ObjectNode figures) {
    return figures.path("complete").asBoolean();
  }
}
