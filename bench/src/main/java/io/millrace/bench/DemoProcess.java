package io.millrace.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Millrace in a process of its own: the demo over a simulator and a database that run already. */
final class DemoProcess {
  /**
   * How it is run.
   *
   * @param format of the messages: {@code minimal}, {@code metadata} or {@code full}
   * @param derive whether what is derived from mail is made; it does not end by itself otherwise
   */
  record Setting(
      String profile, double timeScale, String format, boolean derive, List<String> javaOptions) {
    Setting(String profile, double timeScale, String format, List<String> javaOptions) {
      this(profile, timeScale, format, true, javaOptions);
    }
  }

  /**
   * How it ended.
   *
   * @param summary what it said last
   */
  record End(int status, JsonNode summary) {
    boolean complete() {
      return status == 0 && summary.path("complete").asBoolean();
    }
  }

  private final Child child;

  private DemoProcess(Child child) {
    this.child = child;
  }

  static DemoProcess start(
      Scope scope, Path work, SimulatorProcess simulator, Postgres postgres, Setting setting)
      throws IOException {
    ObjectNode conf = Result.JSON.createObjectNode();
    conf.putObject("database").put("uri", postgres.uri());
    if (!setting.derive()) {
      conf.putObject("kinds").putObject("normalize_google_email").put("maxRunning", 0);
    }
    Path file = work.resolve("conf.json");
    Files.writeString(file, conf.toString());
    List<String> arguments =
        List.of(
            "demo",
            "--conf=" + file,
            "--simulator=" + simulator.root(),
            "--profile=" + setting.profile(),
            "--time-scale=" + setting.timeScale(),
            "--format=" + setting.format(),
            "--port=0",
            "--once",
            "--json");
    return new DemoProcess(
        scope.own(
            Child.start(work, "millrace", setting.javaOptions(), Secrets.of(postgres), arguments)));
  }

  double cpuSeconds() {
    return CpuClock.of(child.pid());
  }

  boolean alive() {
    return child.alive();
  }

  /** Its last words. */
  String tail() throws IOException {
    return child.tail();
  }

  /** Waits until it has ended, at most so long. */
  End end(long seconds) throws Exception {
    int status = child.exitStatus(seconds);
    String last =
        Arrays.stream(child.out().split("\n", -1))
            .filter(line -> !line.isBlank())
            .reduce("", (first, second) -> second);
    if (!last.startsWith("{")) {
      throw new BenchException(
          "Millrace ended with status %d and no result:\n%s".formatted(status, child.tail()));
    }
    return new End(status, Result.JSON.readTree(last));
  }
}
