package io.millrace.limit;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How much longer one request can be under way than another, measured: the J of {@link Bucket}.
 *
 * <p>What is seen is the time from writing a request to the first byte of its answer; that its
 * spread is not less than the spread of the way there alone makes it safe. Of a hundred requests
 * one may be slower still: that is what the burst, which nobody spends under steady demand, is
 * there for. Two windows are remembered, the present and the last. Thread-safe.
 */
final class Delays {
  /** Bucket i holds delays below 2^(i/4) times a tenth of a millisecond. */
  private static final int BUCKETS = 72;

  private static final double LEAST_NANOS = 100_000;
  private static final double MARGIN = 1.25;
  private static final int LEAST_SAMPLES = 20;

  /** Less than this an event loop under load does not keep to, whatever is configured. */
  private static final long LEAST_LOCAL_NANOS = 50_000_000;

  private final long localNanos;
  private final long mostNanos;
  private final AtomicLongArray present = new AtomicLongArray(BUCKETS);
  private final long[] last = new long[BUCKETS];

  /**
   * @param mostNanos the spread that is assumed as long as nothing is known, and never exceeded
   */
  Delays(long mostNanos) {
    this.localNanos = Math.max(mostNanos / 4, LEAST_LOCAL_NANOS);
    this.mostNanos = Math.max(mostNanos, localNanos);
  }

  /**
   * How long a grant may lie until the asker has it, and again from there until it is written: both
   * together are the local delay that the spread counts.
   */
  long legNanos() {
    return localNanos / 2;
  }

  /** Takes in a request's delay, from any thread. */
  void sample(long nanos) {
    double octaves = Math.log(Math.max(LEAST_NANOS, (double) nanos) / LEAST_NANOS) / Math.log(2);
    present.incrementAndGet((int) Math.min(BUCKETS - 1, octaves * 4));
  }

  /** The spread, local delays included; between a quarter of the most and the most. */
  long spreadNanos() {
    long[] counts = new long[BUCKETS];
    long all = 0;
    for (int i = 0; i < BUCKETS; i++) {
      counts[i] = present.get(i) + last[i];
      all += counts[i];
    }
    if (all < LEAST_SAMPLES) {
      return mostNanos;
    }
    int least = 0;
    while (counts[least] == 0) {
      least++;
    }
    int most = BUCKETS - 1;
    for (long above = counts[most]; above * 100 <= all && most > least; above += counts[most]) {
      most--;
    }
    double spread = (upper(most) - upper(least - 1)) * MARGIN;
    return Math.min(mostNanos, localNanos + (long) spread);
  }

  /** Ends a window; the one before the last is forgotten. */
  void turn() {
    for (int i = 0; i < BUCKETS; i++) {
      last[i] = present.getAndSet(i, 0);
    }
  }

  private static double upper(int bucket) {
    return bucket < 0 ? 0 : LEAST_NANOS * Math.pow(2, (bucket + 1) / 4.0);
  }
}
