package io.millrace.engine;

import java.time.Duration;

/**
 * How jobs of one kind are run: configuration section {@code kinds.<kind>}.
 *
 * @param slots how many may run at once in this process, at least 1
 * @param timeout the longest that one run may take
 * @param attempts failures after which a job is dead, at least 1
 * @param adaptive whether fewer than {@code slots} may run at times, as {@link AdaptiveSlots}
 *     learns from errors and run times
 */
public record KindSettings(int slots, Duration timeout, int attempts, boolean adaptive) {
  /** A kind whose slots are fixed. */
  public KindSettings(int slots, Duration timeout, int attempts) {
    this(slots, timeout, attempts, false);
  }
}
