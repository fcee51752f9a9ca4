package io.millrace;

/** The service until it is stopped: what {@code run} does. */
final class Service {
  private Service() {}

  /** Runs it; returns the exit status. */
  @SuppressWarnings("DoNotCallSuggester")
  static int run(Configuration configuration, Terminal terminal) throws Exception {
    throw new UnsupportedOperationException("Service is not there yet");
  }
}
