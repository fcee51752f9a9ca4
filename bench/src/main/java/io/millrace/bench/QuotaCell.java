package io.millrace.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * One cell of {@code quota}: mailboxes without conversations, too large to be done in the time.
 * Simulator, Millrace and PostgreSQL are processes of their own.
 *
 * <p>Steady state is from when the first whole minute has passed, and beside a hidden consumer, who
 * has to be met and measured first, from when three have. From then on the simulator is asked many
 * times a second what it accepted in the minute before, and that is held against what it would have
 * accepted.
 *
 * @param hiddenConsumer whether another client takes half of each user's quota at random
 * @param scale by how much the minute is shortened
 * @param minutes how many of these shorter minutes are looked at
 */
record QuotaCell(
    String profile,
    int mailboxes,
    boolean hiddenConsumer,
    double scale,
    double minutes,
    long seed) {
  private static final long START_MS = 60_000;
  private static final long POLL_MS = 20;
  private static final int MESSAGES = 60_000;

  ObjectNode measure(Scope scope, ObjectNode machine) throws Exception {
    Path work = scope.directory();
    SimulatorProcess simulator = SimulatorProcess.start(scope, work, simulated());
    Postgres postgres = scope.own(Postgres.start(work.resolve("data")));
    machine.put("postgresql", postgres.ask("show server_version"));
    DemoProcess millrace =
        DemoProcess.start(
            scope,
            work,
            simulator,
            postgres,
            new DemoProcess.Setting(profile, scale, "minimal", List.of()));
    Watch watch = new Watch(simulator, millrace);
    long began = watch.begin();
    long minuteNanos = (long) (60e9 / scale);
    watch.until(began + (long) ((hiddenConsumer ? 3 : 1.25) * minuteNanos));
    JsonNode before = simulator.get("sim/report");
    Sliding sliding = watch.until(System.nanoTime() + (long) (minutes * minuteNanos));
    JsonNode after = simulator.get("sim/report");
    return figures(sliding, before, after);
  }

  private ObjectNode figures(Sliding sliding, JsonNode before, JsonNode after) {
    long calls = sum(after.get("calls")) - sum(before.get("calls"));
    long throttled = after.path("throttled").asLong() - before.path("throttled").asLong();
    ObjectNode cell = Result.JSON.createObjectNode();
    cell.put("profile", profile);
    cell.put("mailboxes", mailboxes);
    cell.put("utilisation", rounded(sliding.mean));
    cell.put("worstMinute", rounded(sliding.worst));
    cell.put("bestMinute", rounded(sliding.best));
    cell.put("throttled", after.path("throttled").asLong());
    cell.put("throttledShare", rounded((double) throttled / Math.max(1, calls)));
    cell.put("jain", rounded(Result.jain(spent(before, after))));
    cell.put("hiddenConsumer", hiddenConsumer);
    cell.put("timeScale", scale);
    cell.put("calls", calls);
    cell.put("requests", after.path("requests").asLong() - before.path("requests").asLong());
    return cell;
  }

  private static long sum(JsonNode counts) {
    long sum = 0;
    for (JsonNode count : counts) {
      sum += count.asLong();
    }
    return sum;
  }

  /** The units that each user spent while it was measured. */
  private static double[] spent(JsonNode before, JsonNode after) {
    JsonNode early = before.get("unitsSpentByUser");
    return after.get("unitsSpentByUser").properties().stream()
        .mapToDouble(user -> user.getValue().asDouble() - early.path(user.getKey()).asDouble())
        .toArray();
  }

  private static double rounded(double value) {
    return Math.round(value * 1e5) / 1e5;
  }

  private List<String> simulated() {
    return List.of(
        "sim",
        "--port=0",
        "--profile=" + profile,
        "--time-scale=" + scale,
        "--mailboxes=" + mailboxes,
        "--messages=" + MESSAGES,
        "--unthreaded",
        "--elsewhere=" + (hiddenConsumer ? "0.5" : "0"),
        "--seed=" + seed);
  }

  /** What the sliding minutes were, as shares of what was allowed. */
  private record Sliding(double worst, double best, double mean) {}

  /** Asks the simulator. */
  private final class Watch {
    private final SimulatorProcess simulator;
    private final DemoProcess millrace;

    Watch(SimulatorProcess simulator, DemoProcess millrace) {
      this.simulator = simulator;
      this.millrace = millrace;
    }

    /** When the first units were spent. */
    long begin() throws IOException, InterruptedException {
      long deadline = System.nanoTime() + START_MS * 1_000_000;
      while (simulator.get("sim/minute").path("own").asLong() == 0) {
        if (!millrace.alive() || System.nanoTime() > deadline) {
          throw new BenchException("Millrace did not begin:\n" + millrace.tail());
        }
        Thread.sleep(POLL_MS);
      }
      return System.nanoTime();
    }

    Sliding until(long deadline) throws IOException, InterruptedException {
      JsonNode limits = simulator.get("sim/report").get("limits");
      double allowed =
          Math.min(
              limits.path("userMinute").asDouble() * mailboxes,
              limits.path("projectMinute").asDouble());
      double worst = Double.MAX_VALUE;
      double best = 0;
      double sum = 0;
      int n = 0;
      while (System.nanoTime() < deadline) {
        JsonNode minute = simulator.get("sim/minute");
        double share =
            minute.path("own").asDouble() / (allowed - minute.path("elsewhere").asDouble());
        worst = Math.min(worst, share);
        best = Math.max(best, share);
        sum += share;
        n++;
        if (!millrace.alive()) {
          throw new BenchException(
              String.format(Locale.ROOT, "Millrace ended too soon:%n%s", millrace.tail()));
        }
        Thread.sleep(POLL_MS);
      }
      return new Sliding(worst, best, sum / n);
    }
  }
}
