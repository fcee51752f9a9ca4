package io.millrace.limit;

/**
 * A weighted GCRA (generic cell rate algorithm) in integer arithmetic, for a limit on units in any
 * sliding window.
 *
 * <p>What a server may count in its worst window is what is granted during the window and the time
 * J that a request may be under way: {@code R·(W + J) + B} units, with the rate R and the burst B.
 * So that this never exceeds the limit L, {@code R = (L − B) / (W + J)}.
 *
 * <p>The bucket's state is one instant, the <em>theoretical arrival time</em>: up to there its
 * timeline is spent. It may be spent only inside slices that were leased beforehand ({@link
 * #extend}): a slice belongs to one process, so what all processes spend adds up to one bucket, and
 * a process that dies loses its slice and no more. Instants are nanoseconds of one monotonic clock.
 * Not thread-safe: owned by the quota verticle.
 */
final class Bucket {
  private final long nanosPerUnit;
  private final long burstNanos;
  private long spentUntil = Long.MIN_VALUE / 2;
  private long leasedUntil = Long.MIN_VALUE / 2;
  private long nextFrom = Long.MAX_VALUE;
  private long nextUntil = Long.MIN_VALUE / 2;

  /**
   * @param limit units in a window, at least 1
   * @param windowNanos the window's length
   * @param jitterNanos the longest a request is under way between grant and arrival
   * @param burst units that may be granted at once after a pause, 1 to {@code limit} − 1
   */
  Bucket(long limit, long windowNanos, long jitterNanos, long burst) {
    long bounded = Math.max(1, Math.min(burst, limit - 1));
    this.nanosPerUnit =
        Math.max(1, -Math.floorDiv(-(windowNanos + jitterNanos), Math.max(1, limit - bounded)));
    this.burstNanos = bounded * nanosPerUnit;
  }

  /** How many units can be granted now. */
  long available(long now) {
    enterNextSlice(now);
    long from = Math.max(spentUntil, now);
    long byRate = now + burstNanos - from;
    long byLease = leasedUntil - from;
    return Math.max(0, Math.min(byRate, byLease) / nanosPerUnit);
  }

  /** Spends units; the caller has seen that they are {@link #available}. */
  void spend(long units, long now) {
    spentUntil = Math.max(spentUntil, now) + units * nanosPerUnit;
  }

  /**
   * When so many units could be granted at the earliest, if the leases allow it.
   *
   * @param units no more than the burst
   */
  long notBefore(long units, long now) {
    long from = Math.max(spentUntil, now);
    boolean leased = leasedUntil - from >= units * nanosPerUnit;
    if (!leased && nextFrom != Long.MAX_VALUE) {
      from = Math.max(from, nextFrom);
    }
    return Math.max(now, from + units * nanosPerUnit - burstNanos);
  }

  /** Whether what is leased will not last for a given time: then more should be leased now. */
  boolean runsOut(long now, long nanos) {
    long end = Math.max(leasedUntil, nextUntil);
    return end - Math.max(spentUntil, now) < nanos;
  }

  /**
   * Takes a slice of the timeline that was leased for this process.
   *
   * @param from never before the end of an earlier slice
   */
  void extend(long from, long until) {
    if (from <= leasedUntil) {
      leasedUntil = Math.max(leasedUntil, until);
    } else if (nextFrom == Long.MAX_VALUE) {
      nextFrom = from;
      nextUntil = until;
    } else {
      nextUntil = Math.max(nextUntil, until);
    }
  }

  /** The rest of a slice that has passed, or that is too short for the burst, is given up. */
  private void enterNextSlice(long now) {
    if (nextFrom != Long.MAX_VALUE
        && leasedUntil - Math.max(spentUntil, now) < Math.min(burstNanos, nanosPerUnit * 100)
        && nextFrom <= now + burstNanos) {
      spentUntil = Math.max(spentUntil, nextFrom);
      leasedUntil = nextUntil;
      nextFrom = Long.MAX_VALUE;
      nextUntil = Long.MIN_VALUE / 2;
    }
  }
}
