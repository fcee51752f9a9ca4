package io.millrace.limit;

import java.util.Arrays;

/**
 * Counts calls and failures over a rolling window, in ten steps of it: what is older than the
 * window is forgotten a tenth at a time. Pure: instants are nanoseconds of one monotonic clock. Not
 * thread-safe.
 */
public final class ErrorWindow {
  private static final int STEPS = 10;

  private final long stepNanos;
  private final long[] calls = new long[STEPS];
  private final long[] failures = new long[STEPS];
  private long step = Long.MIN_VALUE;

  /**
   * @param windowNanos the window's length, at least 10
   */
  public ErrorWindow(long windowNanos) {
    this.stepNanos = Math.max(1, windowNanos / STEPS);
  }

  /** Counts a call that has ended. */
  public void add(boolean failed, long now) {
    int at = enter(now);
    calls[at]++;
    failures[at] += failed ? 1 : 0;
  }

  /**
   * Whether too many calls of the window failed.
   *
   * @param share of the calls, 0 to 1; reaching it is too many
   * @param least calls without which nothing is said
   */
  public boolean failing(double share, int least, long now) {
    enter(now);
    long all = sum(calls);
    return all >= least && sum(failures) >= share * all;
  }

  /** Forgets everything. */
  public void clear() {
    Arrays.fill(calls, 0);
    Arrays.fill(failures, 0);
  }

  private int enter(long now) {
    long current = Math.floorDiv(now, stepNanos);
    if (current > step) {
      long passed = step == Long.MIN_VALUE ? STEPS : Math.min(STEPS, current - step);
      for (long i = 0; i < passed; i++) {
        int old = Math.floorMod(current - i, STEPS);
        calls[old] = 0;
        failures[old] = 0;
      }
      step = current;
    }
    return Math.floorMod(Math.max(current, step), STEPS);
  }

  private static long sum(long[] counts) {
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum;
  }
}
