package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options of every list: how much of it, and from where on. */
final class PageOptions {
  @Option(names = "--limit", paramLabel = "N", description = "At most so many rows, 1 to 500 (50).")
  Integer limit;

  @Option(
      names = "--after",
      paramLabel = "CURSOR",
      description = "Goes on where the last page ended, which told it.")
  String after;

  /** The query with what is asked for here. */
  Map<String, Object> into(Map<String, Object> query) {
    Map<String, Object> all = new LinkedHashMap<>(query);
    all.put("limit", limit);
    all.put("after", after);
    return all;
  }

  /** Shows a page, and how to ask for the next one. */
  void show(ApiOptions api, Main main, JsonNode page, Table table, String nothing) {
    JsonNode items = page.path("items");
    JsonNode next = page.path("next");
    StringBuilder text = new StringBuilder();
    if (!items.isEmpty()) {
      text.append(table.lines(items, api.width(main)));
    } else if (!next.isTextual()) {
      text.append(nothing);
    } else {
      text.append("Nothing on this page; how much one looks at is bounded.\n");
    }
    if (next.isTextual()) {
      text.append("more: --after ").append(Table.plain(next.textValue()));
    }
    api.show(main, page, text.toString());
  }
}
