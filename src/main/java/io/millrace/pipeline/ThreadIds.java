package io.millrace.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Message ids as in Message-ID, In-Reply-To and References. */
final class ThreadIds {
  static final int MAX = 200;

  /** RFC 5322 allows no longer line, and an id cannot be folded. */
  private static final int MAX_ID = 998;

  private ThreadIds() {}

  /**
   * The ids without angle brackets, each once. Of too many the first, which began the thread, and
   * the last are kept. In-Reply-To of old programs has prose around its id, hence the brackets
   * count first; a value without any is split at spaces.
   */
  static List<String> of(String value, int max) {
    if (value == null) {
      return List.of();
    }
    Set<String> ids = new LinkedHashSet<>();
    int open = value.indexOf('<');
    int close = open < 0 ? -1 : value.indexOf('>', open);
    if (close < 0) {
      for (String word : Clean.line(value, MAX * MAX_ID).split("[ ,<>]+", -1)) {
        add(ids, word);
      }
    }
    while (close >= 0) {
      add(ids, value.substring(value.lastIndexOf('<', close) + 1, close));
      open = value.indexOf('<', close);
      close = open < 0 ? -1 : value.indexOf('>', open);
    }
    if (ids.size() <= max) {
      return List.copyOf(ids);
    }
    List<String> all = new ArrayList<>(ids);
    if (max == 1) {
      return List.of(all.get(0));
    }
    List<String> kept = new ArrayList<>(max);
    kept.add(all.get(0));
    kept.addAll(all.subList(all.size() - max + 1, all.size()));
    return List.copyOf(kept);
  }

  private static void add(Set<String> ids, String id) {
    String clean = Clean.line(id, MAX_ID).replace(" ", "");
    if (!clean.isEmpty()) {
      ids.add(clean);
    }
  }
}
