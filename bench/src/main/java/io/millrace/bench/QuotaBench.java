package io.millrace.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code quota}: how much of what a quota profile allows is turned into mail, as the simulator
 * counts it, and how often it has to refuse. One cell for each profile and number of mailboxes,
 * each with processes and a database of its own.
 */
@Command(name = "quota")
final class QuotaBench extends Benchmark {
  private static final double MOST_SCALE = 4;

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      split = ",",
      description = "Profiles (2026-05,legacy).")
  List<String> profiles = List.of("2026-05", "legacy");

  @Option(
      names = "--mailboxes",
      paramLabel = "N",
      split = ",",
      description = "Mailboxes (1,50,500).")
  List<Integer> mailboxes = List.of(1, 50, 500);

  @Option(
      names = "--hidden",
      paramLabel = "WHICH",
      split = ",",
      description = "Whether another client takes half of it: no,yes (both).")
  List<String> hidden = List.of("no", "yes");

  @Option(
      names = "--time-scale",
      paramLabel = "X",
      description = "By how much the minute is shortened, 1 to 4 (less, the more there is to do).")
  Double scale;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = "Minutes of the simulator's that are measured in a cell (1.5).")
  double minutes = 1.5;

  @Option(names = "--seed", paramLabel = "N", description = "What the mail is made from (1).")
  long seed = 1;

  @Override
  String name() {
    return "quota";
  }

  @Override
  ObjectNode measure(Scope scope) throws Exception {
    ObjectNode machine = Machine.describe();
    ObjectNode figures = Result.JSON.createObjectNode().put("name", name());
    ArrayNode cells = figures.putArray("cells");
    for (String profile : profiles) {
      for (int n : mailboxes) {
        for (String other : hidden) {
          QuotaCell cell =
              new QuotaCell(profile, n, other.equals("yes"), scale(profile, n), minutes, seed);
          ObjectNode measured;
          try (Scope own = new Scope()) {
            measured = cell.measure(own, machine);
          }
          say(measured.toString());
          cells.add(measured);
        }
      }
    }
    figures.putObject("settings").put("minutes", minutes).put("seed", seed);
    figures.set("machine", machine);
    return figures;
  }

  /** What two cores cannot do in a shorter minute is done in a whole one. */
  private double scale(String profile, int n) {
    if (scale != null) {
      return Math.max(1, Math.min(MOST_SCALE, scale));
    }
    // At 4 a real delay of 150 ms is a hundredth of the minute: it would decide.
    boolean light = n < 10 || (n < 200 && profile.equals("2026-05"));
    return light ? MOST_SCALE / 2 : 1;
  }
}
