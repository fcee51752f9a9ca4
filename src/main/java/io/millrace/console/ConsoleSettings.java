package io.millrace.console;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where people look: configuration section {@code console}.
 *
 * @param host the address to listen on
 * @param port the port, 0 for any free one
 * @param access who may
 * @param tls what the server proves itself with; empty for plain HTTP
 */
public record ConsoleSettings(
    String host, int port, AccessSettings access, Optional<Certificate> tls) {
  /** Plain, and open to whoever reaches it. */
  public ConsoleSettings(String host, int port) {
    this(host, port, AccessSettings.OPEN, Optional.empty());
  }

  /**
   * Files in PEM form.
   *
   * @param chain the certificate, then those that sign it
   */
  public record Certificate(Path chain, Path key) {}
}
