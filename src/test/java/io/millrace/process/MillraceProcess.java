package io.millrace.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.vertx.core.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Millrace in a process of its own, from the packaged jar, with its two outputs. */
final class MillraceProcess implements AutoCloseable {
  /** The exit status after SIGTERM. */
  static final int TERMINATED = 128 + 15;

  private static final String STRICT = "vertx.options.maxEventLoopExecuteTime";

  private final String what;
  private final Process process;
  private final ProcessOutput out;
  private final ProcessOutput err;

  private MillraceProcess(String what, Process process) {
    this.what = what;
    this.process = process;
    this.out = new ProcessOutput(process.getInputStream());
    this.err = new ProcessOutput(process.getErrorStream());
  }

  /**
   * Starts one.
   *
   * @param directory where it works and puts its temporary files
   * @param heap the most megabytes of heap
   * @param classes what else is on the class path, or null
   */
  static MillraceProcess start(
      Path directory,
      int heap,
      Path classes,
      Map<String, String> environment,
      List<String> arguments) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.add("-Xmx" + heap + "m");
    line.add("-Djava.io.tmpdir=" + directory);
    line.add("-D" + STRICT + "=" + System.getProperty(STRICT));
    String jar = System.getProperty("millrace.jar");
    line.addAll(
        classes == null
            ? List.of("-jar", jar)
            : List.of("-cp", jar + File.pathSeparator + classes, "io.millrace.Main"));
    line.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(line).directory(directory.toFile());
    builder.environment().keySet().removeIf(MillraceProcess::isConfiguration);
    builder.environment().putAll(environment);
    try {
      return new MillraceProcess("millrace " + String.join(" ", arguments), builder.start());
    } catch (IOException e) {
      throw new AssertionError("cannot start " + line, e);
    }
  }

  private static boolean isConfiguration(String name) {
    return name.startsWith("MILLRACE_") || name.startsWith("APP_ENCRYPTION_KEY");
  }

  /** Waits for its end; returns the exit status. */
  int exitWithin(Duration bound) {
    try {
      if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(what + " did not end within " + bound + "\n" + err());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
    out.finish();
    err.finish();
    assertFalse(err().contains("has been blocked"), () -> what + " blocked a loop\n" + err());
    return process.exitValue();
  }

  /** Waits for its end, which must be with this status. */
  MillraceProcess ends(int status, Duration bound) {
    assertEquals(status, exitWithin(bound), () -> what + "\n" + err());
    return this;
  }

  /** Ends it by -9. */
  void kill() {
    process.destroyForcibly();
    exitWithin(Duration.ofSeconds(10));
  }

  /** Asks it to end, by SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** The only thing on standard output: one JSON object on one line. */
  JsonObject json() {
    assertEquals(1, out().lines().count(), out());
    return new JsonObject(out());
  }

  String out() {
    return out.text();
  }

  String err() {
    return err.text();
  }

  /** Waits until standard error has it. */
  Matcher awaitError(Pattern pattern, Duration bound) {
    Matcher[] found = new Matcher[1];
    BooleanSupplier there =
        () -> {
          found[0] = pattern.matcher(err());
          return found[0].find();
        };
    if (awaitWhileAlive(there, bound) || there.getAsBoolean()) {
      return found[0];
    }
    throw new AssertionError(what + " ended and never said " + pattern + "\n" + err());
  }

  /** Waits until a condition holds; false if the process ended before. */
  boolean awaitWhileAlive(BooleanSupplier condition, Duration bound) {
    long giveUp = System.nanoTime() + bound.toNanos();
    while (process.isAlive()) {
      if (condition.getAsBoolean()) {
        return true;
      }
      if (System.nanoTime() - giveUp > 0) {
        throw new AssertionError(what + " did not come so far within " + bound + "\n" + err());
      }
      err.awaitMore(20);
    }
    err.finish();
    return false;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
