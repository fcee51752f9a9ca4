package io.millrace.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One benchmark: a command with options of its own that comes to one JSON object. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
abstract class Benchmark {
  @Option(names = "--json", description = "End with one JSON object on one line.")
  boolean json;

  @Option(
      names = "--save",
      description = "Keep the result in bench/results/, under the name and the date.")
  boolean save;

  /** As {@code bench/run} calls it. */
  abstract String name();

  /**
   * Measures. Blocks; what it starts is owned by the scope.
   *
   * @return the figures; name, machine and settings among them
   */
  abstract ObjectNode measure(Scope scope) throws Exception;

  /** Whether the figures may be believed: otherwise the exit status is 1. */
  boolean sound(ObjectNode figures) {
    return !figures.isEmpty();
  }

  static void say(String sentence) {
    System.err.println("bench: " + sentence);
  }
}
