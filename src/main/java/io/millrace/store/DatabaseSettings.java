package io.millrace.store;

import java.nio.file.Path;

/**
 * Which database: configuration section {@code database}.
 *
 * @param uri {@code postgresql://user@host:port/name}, or null for the embedded one
 * @param password from the environment or a file, or null; never logged
 * @param directory where the embedded database keeps its data, or null for a fresh temporary
 *     directory that is removed at the end
 * @param poolSize connections at the most, 4 to 200
 */
public record DatabaseSettings(String uri, String password, Path directory, int poolSize) {
  @Override
  public String toString() {
    return "DatabaseSettings[" + (uri == null ? "embedded in " + directory : uri) + "]";
  }
}
