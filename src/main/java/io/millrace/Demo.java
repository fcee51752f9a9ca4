package io.millrace;

/** The main job with a simulator and an embedded database: what {@code demo} does. */
final class Demo {
  private Demo() {}

  /** Runs it; returns the exit status. */
  @SuppressWarnings("DoNotCallSuggester")
  static int run(DemoOptions options, Configuration configuration, Terminal terminal)
      throws Exception {
    throw new UnsupportedOperationException("Demo is not there yet");
  }
}
