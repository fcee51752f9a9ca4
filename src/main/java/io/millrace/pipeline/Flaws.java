package io.millrace.pipeline;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Collects short codes of what was broken in one message, each once, at most {@value #MAX}. Not
 * thread-safe.
 */
final class Flaws {
  private static final int MAX = 32;
  private static final int MAX_CODE = 80;
  private final Set<String> codes = new LinkedHashSet<>();

  void add(String code) {
    if (codes.size() < MAX) {
      codes.add(Clean.line(code, MAX_CODE));
    }
  }

  List<String> list() {
    return List.copyOf(codes);
  }
}
