package io.millrace;

/** Brings the database's schema up to date: what {@code migrate} does. */
final class Migration {
  private Migration() {}

  /** Runs it; returns the exit status. */
  @SuppressWarnings("DoNotCallSuggester")
  static int run(Configuration configuration, Terminal terminal) throws Exception {
    throw new UnsupportedOperationException("Migration is not there yet");
  }
}
