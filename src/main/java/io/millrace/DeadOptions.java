package io.millrace;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Which dead letters are meant. */
final class DeadOptions {
  @Option(
      names = "--group",
      paramLabel = "GROUP",
      description = "Of one cause: what 'dead groups' shows first.")
  String group;

  @Option(names = "--kind", paramLabel = "NAME", description = "Of this kind.")
  String kind;

  @Option(names = "--user", paramLabel = "N", description = "Of this user.")
  Long user;

  @Option(names = "--reason", paramLabel = "WORD", description = "Dead for this reason.")
  String reason;

  @Option(
      names = "--failure",
      paramLabel = "CLASS",
      description = "Of this class of failure, such as transient or permanent.")
  String failure;

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description = "Dead since then or later, such as 2026-11-22T09:00:00Z.")
  String from;

  @Option(names = "--until", paramLabel = "TIME", description = "Dead since before then.")
  String until;

  @Option(names = "--redriven", description = "Also those whose place a new job has taken.")
  boolean redriven;

  /** As a query; null stands for what is not asked for. */
  Map<String, Object> query() {
    Map<String, Object> query = new LinkedHashMap<>();
    query.put("group", group);
    query.put("kind", kind);
    query.put("user", user);
    query.put("reason", reason);
    query.put("failure", failure);
    query.put("from", from);
    query.put("until", until);
    query.put("redriven", redriven ? true : null);
    return query;
  }

  /** As the filter of an action. */
  ObjectNode filter() {
    ObjectNode filter = ApiClient.object();
    query()
        .forEach(
            (name, value) -> {
              if (value instanceof Long number) {
                filter.put(name, number);
              } else if (value instanceof Boolean flag) {
                filter.put(name, flag);
              } else if (value != null) {
                filter.put(name, value.toString());
              }
            });
    return filter;
  }
}
