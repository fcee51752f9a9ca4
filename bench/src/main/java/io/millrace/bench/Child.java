package io.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Millrace's jar in a process of its own, with what it prints in two files. */
final class Child implements AutoCloseable {
  private static final int TAIL = 15;

  private final Process process;
  private final Path out;
  private final Path err;

  private Child(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /**
   * Starts it.
   *
   * @param name of the files in the directory
   * @param environment on top of ours, in which nothing of Millrace's own is left
   */
  static Child start(
      Path directory,
      String name,
      List<String> javaOptions,
      Map<String, String> environment,
      List<String> arguments)
      throws IOException {
    List<String> line = new ArrayList<>();
    line.add(Home.java().toString());
    line.addAll(javaOptions);
    line.add("-jar");
    line.add(Home.jar().toString());
    line.addAll(arguments);
    Path out = directory.resolve(name + ".out");
    Path err = directory.resolve(name + ".err");
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().keySet().removeIf(k -> k.startsWith("MILLRACE_"));
    builder.environment().putAll(environment);
    return new Child(builder.start(), out, err);
  }

  long pid() {
    return process.pid();
  }

  boolean alive() {
    return process.isAlive();
  }

  String out() throws IOException {
    return Files.readString(out);
  }

  /** All that it said so far, whether as a result or to a person. */
  String said() throws IOException {
    return Files.readString(out) + Files.readString(err);
  }

  /** The last lines of what it said, for a person. */
  String tail() throws IOException {
    List<String> lines = Files.readAllLines(err);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL), lines.size()));
  }

  /** Waits for its end. */
  int exitStatus(long seconds) throws InterruptedException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      throw new BenchException("Millrace did not end within %d s.".formatted(seconds));
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (process.waitFor(20, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
