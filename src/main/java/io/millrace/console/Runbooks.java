package io.millrace.console;

import java.util.List;
import java.util.stream.Stream;

/** The pages that say what to do, of which each alert has one: served as plain text. */
final class Runbooks {
  private static final String ROOT = "/runbooks/";

  /** Pages that others lead to. */
  private static final List<String> MORE = List.of("away.md", "loop.md");

  private Runbooks() {}

  /** All pages; reads the class path, so not on an event loop. */
  static List<Asset> load() {
    return Stream.concat(Stream.of(AlertSource.values()).map(AlertSource::page), MORE.stream())
        .map(
            name ->
                Asset.own(ROOT + name, "text/plain; charset=utf-8", Asset.read(ROOT + name), null))
        .toList();
  }

  /** Where the page of a source is; null if there is none of that name. */
  static String page(String source) {
    AlertSource known = AlertSource.of(source);
    return known == null ? null : ROOT + known.page();
  }
}
