package io.millrace.limit;

import java.util.ArrayDeque;
import java.util.Deque;

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
  private record Slice(long from, long until) {
    Slice to(long later) {
      return new Slice(from, Math.max(until, later));
    }
  }

  private final long limit;
  private final long windowNanos;
  private final long burst;
  private long nanosPerUnit;
  private long burstNanos;
  private long spentUntil = Long.MIN_VALUE / 2;
  private long leasedUntil = Long.MIN_VALUE / 2;

  /** Leased, but not yet begun: between two of them may lie another process's. */
  private final Deque<Slice> ahead = new ArrayDeque<>();

  private long lastMark = Long.MIN_VALUE;

  /**
   * @param limit units in a window, at least 1
   * @param windowNanos the window's length
   * @param jitterNanos the longest a request is under way between grant and arrival
   * @param burst units that may be granted at once after a pause, 1 to {@code limit} − 1
   */
  Bucket(long limit, long windowNanos, long jitterNanos, long burst) {
    this.limit = limit;
    this.windowNanos = windowNanos;
    this.burst = Math.max(1, Math.min(burst, limit - 1));
    rate(jitterNanos, 1);
  }

  /**
   * Sets the rate from here on; what is spent stays spent.
   *
   * @param jitterNanos the longest a request is under way between grant and arrival
   * @param share of the limit that is there, above 0 and at most 1
   */
  void rate(long jitterNanos, double share) {
    long perUnit = -Math.floorDiv(-(windowNanos + jitterNanos), Math.max(1, limit - burst));
    nanosPerUnit = Math.max(1, (long) Math.ceil(perUnit / share));
    burstNanos = burst * nanosPerUnit;
  }

  /** How long it takes to earn a unit. */
  long nanosPerUnit() {
    return nanosPerUnit;
  }

  /** Lets the timeline pass unspent up to an instant, and without a burst after it. */
  void rest(long until) {
    spentUntil = Math.max(spentUntil, until + burstNanos);
  }

  /** How long it takes to earn the burst. */
  long burstNanos() {
    return burstNanos;
  }

  /** How many units can be granted now. */
  long available(long now) {
    return available(0, now);
  }

  /**
   * The same, with a part of the burst left alone: of the burst and not of each slice, whose end
   * would pass unspent.
   */
  long available(long held, long now) {
    enterNextSlice(now);
    long byRate = earned(now) - held * nanosPerUnit;
    long byLease = leasedUntil - Math.max(spentUntil, now);
    return Math.max(0, Math.min(byRate, byLease) / nanosPerUnit);
  }

  /** How much of the burst has been earned, in nanoseconds of the timeline. */
  long earned(long now) {
    return now + burstNanos - Math.max(spentUntil, now);
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
    return notBefore(units, 0, now);
  }

  /** The same, with a part of the burst left alone; both together are no more than the burst. */
  long notBefore(long units, long held, long now) {
    long from = Math.max(spentUntil, now);
    if (leasedUntil - from < units * nanosPerUnit) {
      for (Slice slice : ahead) {
        if (slice.until() - Math.max(from, slice.from()) >= units * nanosPerUnit) {
          from = Math.max(from, slice.from());
          break;
        }
      }
    }
    return Math.max(now, from + (units + held) * nanosPerUnit - burstNanos);
  }

  /** Whether what is leased will not last for a given time: then more should be leased now. */
  boolean runsOut(long now, long nanos) {
    long end = ahead.isEmpty() ? leasedUntil : ahead.getLast().until();
    return end - Math.max(spentUntil, now) < nanos;
  }

  /**
   * Takes a slice of the timeline that was leased for this process.
   *
   * @param from never before the end of an earlier slice
   * @param mark where it begins by the ledger's own count: if that is where the last one ended, the
   *     two are one, and what the clocks seem to leave between them is this process's too
   * @param untilMark where it ends by that count
   */
  void extend(long from, long until, long mark, long untilMark) {
    boolean adjoins = mark == lastMark;
    lastMark = untilMark;
    if (adjoins && ahead.isEmpty()) {
      leasedUntil = Math.max(leasedUntil, until);
    } else if (adjoins) {
      ahead.add(ahead.removeLast().to(until));
    } else {
      ahead.add(new Slice(from, until));
    }
  }

  /** The rest of a slice that has passed, or that is too short for the burst, is given up. */
  private void enterNextSlice(long now) {
    while (!ahead.isEmpty()
        && leasedUntil - Math.max(spentUntil, now) < Math.min(burstNanos, nanosPerUnit * 100)
        && ahead.getFirst().from() <= now + burstNanos) {
      Slice next = ahead.poll();
      spentUntil = Math.max(spentUntil, next.from());
      leasedUntil = next.until();
    }
  }
}
