package io.millrace;

/** Stores a mailbox's grant and starts its first sync: what {@code connect} does. */
final class Connection {
  private Connection() {}

  /** Runs it; returns the exit status. */
  @SuppressWarnings("DoNotCallSuggester")
  static int run(ConnectOptions options, Configuration configuration, Terminal terminal)
      throws Exception {
    throw new UnsupportedOperationException("Connection is not there yet");
  }
}
