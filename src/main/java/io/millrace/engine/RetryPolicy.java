package io.millrace.engine;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * When to try again. Exponential backoff with full jitter: a delay drawn evenly from zero to {@code
 * min(cap, base · 2^failures)}, as in "Exponential Backoff And Jitter" (AWS Architecture Blog,
 * 2015), but never less than half a second, so that a retry is never an immediate one. Pure.
 */
record RetryPolicy(Duration base, Duration cap) {
  private static final long LEAST_MS = 500;

  /**
   * @param failures how many attempts have failed, at least 1
   */
  Duration delay(int failures, RandomGenerator random) {
    int doublings = Math.min(30, Math.max(0, failures - 1));
    long most = Math.min(cap.toMillis(), base.toMillis() << Math.min(doublings, 20));
    long least = Math.min(LEAST_MS, most);
    return Duration.ofMillis(least + (most > least ? random.nextLong(most - least + 1) : 0));
  }
}
