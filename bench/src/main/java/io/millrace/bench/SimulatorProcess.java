package io.millrace.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Gmail's simulator in a process of its own, on any free port. */
final class SimulatorProcess {
  private static final Pattern ROOT = Pattern.compile("time scale \\S+ at (http://\\S+/)");
  private static final long START_MS = 60_000;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Child child;
  private final String root;

  private SimulatorProcess(Child child, String root) {
    this.child = child;
    this.root = root;
  }

  /** Starts it without a quota, over the mail that arguments of {@code sim} tell. */
  static SimulatorProcess unlimited(Scope scope, Path directory, List<String> mail)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("sim", "--port=0", "--profile=unlimited"));
    arguments.addAll(mail);
    return start(scope, directory, arguments);
  }

  /** Starts it with arguments of {@code sim}, and waits until it listens. */
  static SimulatorProcess start(Scope scope, Path directory, List<String> arguments)
      throws IOException, InterruptedException {
    Child child = scope.own(Child.start(directory, "simulator", List.of(), Map.of(), arguments));
    long deadline = System.nanoTime() + START_MS * 1_000_000;
    while (child.alive() && System.nanoTime() < deadline) {
      Matcher root = ROOT.matcher(child.said());
      if (root.find()) {
        return new SimulatorProcess(child, root.group(1));
      }
      Thread.sleep(50);
    }
    throw new BenchException("The simulator did not start:\n" + child.tail());
  }

  /** Where it listens, ending in a slash. */
  String root() {
    return root;
  }

  /** What it answers to a path below its root. */
  JsonNode get(String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(root + path)).build();
    return Result.JSON.readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
  }

  double cpuSeconds() {
    return CpuClock.of(child.pid());
  }
}
