package io.millrace.limit;

/**
 * How many calls may be under way to a service that never says how much it can take: a database, an
 * embedding provider. Its latency says it.
 *
 * <p>The idea is TCP Vegas' (Brakmo and Peterson, 1995): what takes longer than it does without a
 * queue is waiting in one. The form is that of {@code GradientLimit} in Netflix's
 * concurrency-limits. For each window of ten calls,
 *
 * <pre>
 *   gradient = clamp(½, 1, 1.5 · latency without a queue / mean latency of the window)
 *   limit    = ⅘ · limit + ⅕ · (limit · gradient + √limit)
 * </pre>
 *
 * <p>So the limit creeps up by a queue of √limit while the latency is at most one and a half times
 * that without a queue, stands where both terms cancel out, and shrinks by up to a tenth in each
 * window when the latency doubles and more. The latency without a queue is the least mean of a
 * window; every hundredth time it is measured anew with half the limit, once what was under way
 * before has drained. (Netflix's second form takes a long average instead, without any such probe:
 * under a steady queue that average rises with the queue, and the limit after it: in a trial to
 * thirty times the capacity.) What is different from Netflix besides: it may go down to 1, a window
 * with failures shrinks by a tenth whatever its latency, and a limit of which less than half is
 * used does not grow.
 *
 * <p>Pure: no clock. Not thread-safe.
 */
public final class GradientLimit {
  private static final int WINDOW = 10;
  private static final int PROBE_EVERY = 100;
  private static final double TOLERANCE = 1.5;
  private static final double SMOOTHING = 0.2;
  private static final double AFTER_FAILURES = 0.9;
  private static final double FAILED = 0.15;

  /** Where a probe stands: what was under way drains, then a window is measured. */
  private enum Probe {
    NONE,
    DRAINS,
    MEASURES
  }

  private final double min;
  private final double max;
  private double limit;
  private double unqueued = Double.MAX_VALUE;
  private Probe probe = Probe.NONE;
  private int windows;
  private int calls;
  private int failures;
  private double nanos;
  private int busiest;

  /**
   * @param initial the limit to begin with
   * @param min the lowest, 1 to {@code initial}
   * @param max the highest, at least {@code initial}
   */
  public GradientLimit(int initial, int min, int max) {
    this.limit = initial;
    this.min = min;
    this.max = max;
  }

  /** The limit in force. */
  public int limit() {
    return (int) (probe == Probe.NONE ? limit : Math.max(min, limit / 2));
  }

  /**
   * Takes in a call that has ended.
   *
   * @param failed whether it failed or was dropped; how long it took then says nothing
   * @param latency how long it took, in nanoseconds, more than 0
   * @param busy how many were under way, it included
   * @return the limit from here on
   */
  public int sample(boolean failed, long latency, int busy) {
    calls++;
    busiest = Math.max(busiest, busy);
    if (failed) {
      failures++;
    } else {
      nanos += latency;
    }
    if (calls >= WINDOW) {
      judge();
      calls = 0;
      failures = 0;
      nanos = 0;
      busiest = 0;
    }
    return limit();
  }

  private void judge() {
    if (failures > FAILED * calls) {
      limit = Math.max(min, limit * AFTER_FAILURES);
      return;
    }
    double recent = nanos / (calls - failures);
    if (probe == Probe.DRAINS) {
      probe = Probe.MEASURES;
      return;
    }
    if (probe == Probe.MEASURES) {
      probe = Probe.NONE;
      unqueued = recent;
      return;
    }
    if (++windows % PROBE_EVERY == 0) {
      probe = Probe.DRAINS;
    }
    unqueued = Math.min(unqueued, recent);
    double gradient = Math.max(0.5, Math.min(1, TOLERANCE * unqueued / recent));
    double wanted = limit * gradient + Math.sqrt(limit);
    if (wanted > limit && busiest < limit / 2) {
      return;
    }
    limit = Math.max(min, Math.min(max, limit + SMOOTHING * (wanted - limit)));
  }
}
