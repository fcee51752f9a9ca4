package io.millrace.limit;

import java.time.Duration;

/**
 * When a service that fails is left alone: configuration section {@code breaker}.
 *
 * @param failures the share of failed calls that opens the breaker, more than 0, at most 1
 * @param minCalls calls in the window without which it stays closed, at least 1
 * @param window over which calls are counted
 * @param open how long the service is left alone before one call may try it
 * @param timeout the longest a call may take that has no time limit of its own
 */
public record BreakerSettings(
    double failures, int minCalls, Duration window, Duration open, Duration timeout) {
  /** What the configuration has by default. */
  public static final BreakerSettings DEFAULT =
      new BreakerSettings(
          0.5, 10, Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofSeconds(10));

  /** The same with a shorter time of leaving alone: what stands for Google's own time shrinks. */
  public BreakerSettings scaled(double timeScale) {
    return new BreakerSettings(
        failures, minCalls, window, Duration.ofNanos((long) (open.toNanos() / timeScale)), timeout);
  }
}
