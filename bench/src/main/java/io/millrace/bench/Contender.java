package io.millrace.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A rival in a process and a database of its own, and the commands that it obeys. Used by one
 * thread.
 */
final class Contender implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 300;
  private static final long LOOK_MS = 10;
  private static final int TAIL_CHARS = 2_000;
  private static final String ENDED = "";

  private final Rival rival;
  private final Postgres postgres;
  private final Process process;
  private final Path errors;
  private final BufferedWriter commands;
  private final BlockingQueue<String> answers = new ArrayBlockingQueue<>(100);
  private final JsonNode settings;

  private Contender(Rival rival, Postgres postgres, Process process, Path errors) throws Exception {
    this.rival = rival;
    this.postgres = postgres;
    this.process = process;
    this.errors = errors;
    this.commands = process.outputWriter(StandardCharsets.UTF_8);
    Thread reader = new Thread(this::read, "bench-" + rival.label());
    reader.setDaemon(true);
    reader.start();
    this.settings = Result.JSON.readTree(answer("ready"));
  }

  /**
   * Makes its database and starts its process, whose standard error goes to a file.
   *
   * @param options {@code name=value}
   * @param javaOptions for Millrace's JVM
   */
  static Contender start(
      Scope scope,
      Postgres postgres,
      Path directory,
      Rival rival,
      List<String> options,
      List<String> javaOptions)
      throws Exception {
    postgres.run("postgres", "create database " + rival.database());
    return launch(scope, postgres, directory, rival, options, javaOptions, "");
  }

  /** Starts another process of the same rival on the database of the first. */
  static Contender beside(
      Scope scope, Postgres postgres, Path directory, Contender first, List<String> options)
      throws Exception {
    return launch(scope, postgres, directory, first.rival, options, List.of(), "-2");
  }

  private static Contender launch(
      Scope scope,
      Postgres postgres,
      Path directory,
      Rival rival,
      List<String> options,
      List<String> javaOptions,
      String suffix)
      throws Exception {
    Path errors = directory.resolve(rival.label() + suffix + ".err");
    ProcessBuilder builder =
        new ProcessBuilder(rival.command(options, javaOptions)).redirectError(errors.toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "BENCH_SERVER", postgres.address(),
                "BENCH_DATABASE", rival.database(),
                "BENCH_USER", "millrace",
                "BENCH_PASSWORD", postgres.password(),
                "BENCH_MODULES", Rival.modules().toString()));
    Process process = builder.start();
    scope.own(process::destroyForcibly);
    return scope.own(new Contender(rival, postgres, process, errors));
  }

  String name() {
    return rival.label();
  }

  /** What it says about itself. */
  JsonNode settings() {
    return settings;
  }

  double cpuSeconds() {
    return CpuClock.of(process.pid());
  }

  void enqueue(int jobs) throws Exception {
    feed(jobs);
    tidy();
  }

  /** Enqueues and does nothing else. */
  void feed(int jobs) throws Exception {
    say("enqueue " + jobs);
    answer("enqueued");
  }

  /** Leaves the server as after a quiet minute: statistics known, nothing left to write. */
  void tidy() {
    postgres.run(rival.database(), "vacuum analyze", "checkpoint");
  }

  /** Works until all is durably done, and stops; the seconds from the start to the end of that. */
  double burn(int jobs) throws Exception {
    try (Connection connection = postgres.connect(rival.database())) {
      long from = System.nanoTime();
      start(jobs);
      // The process says when all have begun, so that nobody disturbs the database before.
      ran();
      while (unfinished(connection)) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MS);
      }
      double seconds = (System.nanoTime() - from) / 1e9;
      stop();
      return seconds;
    }
  }

  private boolean unfinished(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(rival.unfinished())) {
      row.next();
      return row.getBoolean(1);
    }
  }

  /** Begins to work, and does not stop before it is told. */
  void start(int jobs) throws Exception {
    say("start " + jobs);
    answer("started");
  }

  /** Returns when as many runs have begun as it was started for. */
  void ran() throws Exception {
    answer("ran");
  }

  /** Runs begun since the start. */
  long begun() throws Exception {
    say("count");
    return Long.parseLong(answer("begun"));
  }

  /** The port of the console that it serves; after the first start. */
  int console() throws Exception {
    say("console");
    return Integer.parseInt(answer("console"));
  }

  /** As a crash of its machine would. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  void stop() throws Exception {
    say("stop");
    answer("stopped");
  }

  /** Milliseconds from enqueue to start; null for those that never started. */
  JsonNode pickup(int rate, int seconds) throws Exception {
    say("pickup %d %d".formatted(rate, seconds));
    return Result.JSON.readTree(answer("latencies"));
  }

  private void say(String command) throws IOException {
    commands.write(command);
    commands.newLine();
    commands.flush();
  }

  private String answer(String word) throws Exception {
    String line = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (line == null || !line.startsWith(word)) {
      throw new BenchException(
          "%s should have said \"%s\" and %s:\n%s"
              .formatted(
                  rival.label(),
                  word,
                  line == null
                      ? "said nothing for %d s".formatted(PATIENCE_SECONDS)
                      : line.equals(ENDED) ? "ended" : "said \"" + line + "\"",
                  tail()));
    }
    return line.substring(word.length()).strip();
  }

  /** The last of what it said to a person. */
  private String tail() throws IOException {
    String all = Files.readString(errors);
    return all.substring(Math.max(0, all.length() - TAIL_CHARS));
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      String line;
      while ((line = lines.readLine()) != null) {
        // What the JVM logs by itself begins so.
        if (!line.startsWith("[")) {
          answers.put(line);
        }
      }
      answers.put(ENDED);
    } catch (IOException e) {
      answers.offer(ENDED);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets it end by itself, within a bound; the scope sees to it otherwise. */
  @Override
  public void close() throws IOException {
    commands.close();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        Benchmark.say(rival.label() + " did not end by itself");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
