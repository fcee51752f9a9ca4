package io.millrace.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An {@link EngineProcess} as a test holds it: its log, and every way to end it. */
final class WorkerProcess implements AutoCloseable {
  private static final Duration UP = Duration.ofSeconds(30);
  private static final Pattern BEGAN = Pattern.compile("began (\\w+ \\d+ run \\d+)");

  private final Process process;
  private final Path log;

  private WorkerProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  static WorkerProcess start(Path log, String uri, String password, String... options)
      throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Short lives on few cores: what the second compiler would win is spent on compiling.
    line.addAll(List.of("-Xmx192m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    line.addAll(List.of("-cp", System.getProperty("java.class.path")));
    line.addAll(List.of(EngineProcess.class.getName(), "uri=" + uri));
    line.addAll(List.of(options));
    ProcessBuilder builder =
        new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("CHAOS_PASSWORD", password);
    return new WorkerProcess(builder.start(), log);
  }

  /** Waits until it looks for jobs. */
  WorkerProcess ready() {
    return says("EngineProcess: ready", UP);
  }

  /** Waits until its log has a text that matches. */
  WorkerProcess says(String regex, Duration bound) {
    Pattern pattern = Pattern.compile(regex);
    Await.until(
        bound,
        () -> "it never said " + regex + "\n" + log(),
        () -> pattern.matcher(log()).find() || ended(regex));
    return this;
  }

  private boolean ended(String regex) {
    if (!process.isAlive() && !Pattern.compile(regex).matcher(log()).find()) {
      throw new AssertionError("it ended and never said " + regex + "\n" + log());
    }
    return false;
  }

  boolean alive() {
    return process.isAlive();
  }

  /** The runs that it began, as {@code kind id run number}. */
  List<String> began() {
    List<String> runs = new ArrayList<>();
    Matcher found = BEGAN.matcher(log());
    while (found.find()) {
      runs.add(found.group(1));
    }
    return runs;
  }

  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new AssertionError(log + " cannot be read", e);
    }
  }

  /** Ends it by -9. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    exits(Duration.ofSeconds(10));
  }

  /** Waits for its end. */
  int exits(Duration bound) throws InterruptedException {
    if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("it did not end within " + bound + "\n" + log());
    }
    return process.exitValue();
  }

  /** Asks it to end, by SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** It stands still, as in a long pause of its machine, until {@link #thaw}. */
  void freeze() throws Exception {
    signal("STOP");
  }

  void thaw() throws Exception {
    signal("CONT");
  }

  private void signal(String name) throws Exception {
    Process kill = new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid()).start();
    if (kill.waitFor() != 0) {
      throw new AssertionError("kill -" + name + " failed");
    }
  }

  @Override
  public void close() {
    try {
      kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
