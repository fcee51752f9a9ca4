package io.millrace.google;

import java.util.random.RandomGenerator;

/** How long to wait after the n-th failure: a base, and on top of it full jitter up to a bound. */
final class Backoff {
  private final long baseNanos;
  private final long capNanos;
  private final RandomGenerator random;

  Backoff(MessageStreamSettings settings, RandomGenerator random) {
    this.baseNanos = scaled(settings.backoffBase().toNanos(), settings);
    this.capNanos = Math.max(baseNanos, scaled(settings.backoffCap().toNanos(), settings));
    this.random = random;
  }

  /**
   * @param failures so far, from 1
   */
  long nanos(int failures) {
    int doublings = Math.min(Math.max(failures, 1), 30);
    long bound = Math.min(capNanos, baseNanos << Math.min(doublings, room()));
    return bound <= baseNanos ? baseNanos : baseNanos + random.nextLong(bound - baseNanos);
  }

  long base() {
    return baseNanos;
  }

  long cap() {
    return capNanos;
  }

  static long scaled(long nanos, MessageStreamSettings settings) {
    return Math.max(1, (long) (nanos / Math.max(1.0, settings.timeScale())));
  }

  /** Doublings of the base that do not overflow. */
  private int room() {
    return Long.numberOfLeadingZeros(baseNanos) - 1;
  }
}
