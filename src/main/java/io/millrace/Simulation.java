package io.millrace;

/** The simulator alone: what {@code sim} does. */
final class Simulation {
  private Simulation() {}

  /** Runs it; returns the exit status. */
  @SuppressWarnings("DoNotCallSuggester")
  static int run(SimArguments arguments, Terminal terminal) throws Exception {
    throw new UnsupportedOperationException("Simulation is not there yet");
  }
}
