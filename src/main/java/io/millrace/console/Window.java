package io.millrace.console;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What was seen in the last while, to tell what came since: the newest, and the oldest that is
 * still in it. One context's.
 *
 * @param <T> figures that only grow
 */
final class Window<T> {
  private static final int MOST = 1_000;

  private record At<T>(long nanos, T figures) {}

  private final long nanos;
  private final Deque<At<T>> seen = new ArrayDeque<>();

  Window(Duration length) {
    this.nanos = length.toNanos();
  }

  /** Takes in figures and answers those at the window's beginning; the same if there are none. */
  T add(long now, T figures) {
    while ((seen.size() > 1 && now - second().nanos() >= nanos) || seen.size() >= MOST) {
      seen.removeFirst();
    }
    seen.addLast(new At<>(now, figures));
    return seen.getFirst().figures();
  }

  private At<T> second() {
    var all = seen.iterator();
    all.next();
    return all.next();
  }

  /** Forgets all: what comes next has nothing to do with what was. */
  void clear() {
    seen.clear();
  }
}
