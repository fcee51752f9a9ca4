package io.millrace.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What {@code postmaster.pid} says of the server that runs, or once ran, on a data directory.
 *
 * @param port 0 where the server has not come so far as to say it
 * @param ready whether it takes connections
 */
record Postmaster(Path cluster, long pid, int port, boolean ready) {
  private static final Path PROCESSES = Path.of("/proc");

  /** Reads the file; null if there is none. */
  static Postmaster of(Path cluster) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(cluster.resolve("postmaster.pid"));
    } catch (NoSuchFileException e) {
      return null;
    }
    long pid = lines.isEmpty() ? 0 : number(lines.get(0));
    boolean told = lines.size() > 7;
    return new Postmaster(
        cluster,
        pid,
        told ? (int) number(lines.get(3)) : 0,
        told && lines.get(7).strip().equals("ready"));
  }

  private static long number(String line) {
    try {
      return Long.parseLong(line.strip());
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Whether that process lives and is not another one that was given the same number since. */
  boolean alive() {
    return process()
        .flatMap(p -> p.info().command())
        .filter(c -> c.endsWith("postgres"))
        .filter(c -> worksHere())
        .isPresent();
  }

  /** A server works in its data directory; where that cannot be seen, its name has to do. */
  private boolean worksHere() {
    try {
      return Files.isSameFile(
          PROCESSES.resolve(Long.toString(pid)).resolve("cwd").toRealPath(), cluster);
    } catch (IOException e) {
      return true;
    }
  }

  /** Waits for its end, but not for long. */
  void awaitEnd(long ms) {
    try {
      process()
          .map(ProcessHandle::onExit)
          .orElseThrow(TimeoutException::new)
          .get(ms, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      // The caller looks again.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DatabaseException("Interrupted while a database server settled.", e);
    }
  }

  private Optional<ProcessHandle> process() {
    return pid <= 0 ? Optional.empty() : ProcessHandle.of(pid);
  }
}
