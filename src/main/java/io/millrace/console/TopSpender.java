package io.millrace.console;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many units all users have spent in a minute, and the one who spent most: what is left of the
 * users in the metrics, since none of them is a label. Thread-safe.
 */
final class TopSpender {
  private static final int MOST_USERS = 50_000;

  private final long windowNanos;
  private final Map<Long, Long> spent = new ConcurrentHashMap<>();
  private long begun;
  private final LongAdder sum = new LongAdder();
  private long last;
  private volatile long lastSum;

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
    sum.add(units);
    if (spent.size() < MOST_USERS || spent.containsKey(user)) {
      spent.merge(user, (long) units, Long::sum);
    }
  }

  /** Of all users, in the last full minute or in the one that is under way. */
  long allUnits(long now) {
    turn(now);
    return Math.max(lastSum, sum.sum());
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
      lastSum = windows == 1 ? sum.sum() : 0;
      sum.reset();
      spent.clear();
      begun += windows * windowNanos;
    }
  }
}
