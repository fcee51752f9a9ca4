package io.millrace.console;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many units the user who spent most has spent in a minute: what is left of the users in the
 * metrics, since none of them is a label. Thread-safe.
 */
final class TopSpender {
  private static final int MOST_USERS = 50_000;

  private final long windowNanos;
  private final Map<Long, Long> spent = new ConcurrentHashMap<>();
  private long begun;
  private long last;

  /**
   * @param windowNanos a minute of Google's
   * @param now by {@link System#nanoTime}, as all that follow
   */
  TopSpender(long windowNanos, long now) {
    this.windowNanos = Math.max(1, windowNanos);
    this.begun = now;
  }

  /** Users beyond a bound are left out until the minute is over. */
  void spend(long user, int units, long now) {
    turn(now);
    if (spent.size() < MOST_USERS || spent.containsKey(user)) {
      spent.merge(user, (long) units, Long::sum);
    }
  }

  /** The most of one user, in the last full minute or in the one that is under way. */
  long units(long now) {
    turn(now);
    return Math.max(last, most());
  }

  private long most() {
    return spent.values().stream().mapToLong(Long::longValue).max().orElse(0);
  }

  private synchronized void turn(long now) {
    long windows = (now - begun) / windowNanos;
    if (windows > 0) {
      last = windows == 1 ? most() : 0;
      spent.clear();
      begun += windows * windowNanos;
    }
  }
}
