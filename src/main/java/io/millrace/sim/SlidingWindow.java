package io.millrace.sim;

/**
 * Units in the last window, exact: each arrival is remembered until it is a whole window old. Pure:
 * time comes in as nanoseconds that never go back. One thread, or a lock around it.
 */
final class SlidingWindow {
  private final long window;
  private final long grain;
  private long[] times = new long[64];
  private long[] units = new long[64];
  private int head;
  private int count;
  private long sum;
  private long max;

  /**
   * Counts arrivals of the same grain as one.
   *
   * @param window its length in nanoseconds
   * @param grain 0 = exact; else arrivals closer than this many nanoseconds are merged and keep the
   *     time of the last, which bounds memory and can only make the sum larger
   */
  SlidingWindow(long window, long grain) {
    this.window = window;
    this.grain = grain;
  }

  /** The units that arrived after {@code now - window}, up to and including now. */
  long sum(long now) {
    while (count > 0 && now - times[head] >= window) {
      sum -= units[head];
      head = (head + 1) & (times.length - 1);
      count--;
    }
    return sum;
  }

  void add(long now, long more) {
    sum(now);
    int last = (head + count - 1) & (times.length - 1);
    if (count > 1 && now - times[(last - 1) & (times.length - 1)] <= grain) {
      times[last] = now;
      units[last] += more;
    } else {
      if (count == times.length) {
        grow();
      }
      int at = (head + count++) & (times.length - 1);
      times[at] = now;
      units[at] = more;
    }
    sum += more;
    max = Math.max(max, sum);
  }

  /** The largest sum there ever was. */
  long max() {
    return max;
  }

  private void grow() {
    long[] moreTimes = new long[count * 2];
    long[] moreUnits = new long[count * 2];
    for (int i = 0; i < count; i++) {
      moreTimes[i] = times[(head + i) & (count - 1)];
      moreUnits[i] = units[(head + i) & (count - 1)];
    }
    times = moreTimes;
    units = moreUnits;
    head = 0;
  }
}
