package io.millrace.console;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The values that a label may have: those known from the start, a few more, and {@code other}.
 * Whatever names jobs or mail brings in, the number of series stays the same. Thread-safe.
 */
final class Bounded {
  static final String OTHER = "other";

  private final Set<String> values = ConcurrentHashMap.newKeySet();
  private final int most;

  /**
   * @param known always values of their own
   * @param more how many others may become such, in the order in which they are met
   */
  Bounded(Collection<String> known, int more) {
    values.addAll(known);
    this.most = known.size() + more;
  }

  /** The value itself, or {@link #OTHER}. */
  String of(String value) {
    if (value == null) {
      return OTHER;
    }
    if (values.contains(value)) {
      return value;
    }
    synchronized (this) {
      if (values.size() < most) {
        values.add(value);
        return value;
      }
    }
    return OTHER;
  }
}
