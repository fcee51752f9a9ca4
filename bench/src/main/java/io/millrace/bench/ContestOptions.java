package io.millrace.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Who takes part in a comparison, and how it is set; a group of command line options. */
final class ContestOptions {
  @Option(
      names = "--only",
      paramLabel = "NAME",
      split = ",",
      description = "Only these systems, such as millrace,graphile-worker.")
  List<String> only = new ArrayList<>();

  @Option(
      names = "--set",
      paramLabel = "SYSTEM.NAME=VALUE",
      description = "A setting of one system, such as millrace.slots=500; repeatable.")
  Map<String, String> set = new LinkedHashMap<>();

  @Option(
      names = "--java-option",
      paramLabel = "OPTION",
      description = "For Millrace's process, such as -XX:StartFlightRecording=…; repeatable.")
  List<String> javaOptions = new ArrayList<>();

  @Option(
      names = "--statements",
      description = "Add what each statement cost PostgreSQL; counting costs a little itself.")
  boolean statements;

  boolean wants(Rival rival) {
    return only.isEmpty() || only.contains(rival.label());
  }

  /** Of one system, as {@code name=value}. */
  List<String> of(Rival rival) {
    String prefix = rival.label() + ".";
    return set.entrySet().stream()
        .filter(e -> e.getKey().startsWith(prefix))
        .map(e -> e.getKey().substring(prefix.length()) + "=" + e.getValue())
        .toList();
  }
}
