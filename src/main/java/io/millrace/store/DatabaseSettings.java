package io.millrace.store;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Which database: configuration section {@code database}.
 *
 * @param uri {@code postgresql://user@host:port/name}, or null for the embedded one
 * @param password from the environment or a file, or null; never logged
 * @param directory where the embedded database keeps its data, or null for a fresh temporary
 *     directory that is removed at the end
 * @param poolSize connections for all but the engine, which has a few of its own; 4 to 200
 * @param statement how long the answer to a statement of the engine's own may take before its
 *     connection is cut
 * @param idle how long a session may stand still in a transaction before the server ends it: what
 *     it has locked could not be taken back otherwise, so about a worker's lease
 * @param hashPartitions into how many partitions by user the job tables that change all the time
 *     are divided, 1 (not at all) to 64; a database keeps the number that it is made with
 */
public record DatabaseSettings(
    String uri,
    String password,
    Path directory,
    int poolSize,
    Duration statement,
    Duration idle,
    int hashPartitions) {
  /** With the default bounds and without partitions. */
  public DatabaseSettings(String uri, String password, Path directory, int poolSize) {
    this(uri, password, directory, poolSize, Duration.ofSeconds(30), Duration.ofSeconds(60), 1);
  }

  /**
   * How many connections may store mail at once: all but two, so that quota is leased and people
   * are answered meanwhile. At least 1.
   */
  public int writers() {
    return Math.max(1, poolSize - 2);
  }

  /** The same with other partitions. */
  public DatabaseSettings withHashPartitions(int number) {
    return new DatabaseSettings(uri, password, directory, poolSize, statement, idle, number);
  }

  @Override
  public String toString() {
    return "DatabaseSettings[" + (uri == null ? "embedded in " + directory : uri) + "]";
  }
}
