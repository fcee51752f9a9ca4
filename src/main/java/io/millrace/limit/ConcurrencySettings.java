package io.millrace.limit;

import java.time.Duration;

/**
 * How a limit follows errors and run times: configuration section {@code concurrency}.
 *
 * @param initial the limit to begin with, and to come back to after trouble
 * @param min the lowest limit, 1 to {@code initial}
 * @param max the highest, at least {@code initial}
 * @param high a share of failed runs above this lowers the limit, 0 to 1
 * @param low a share below this lets it grow, at most {@code high}
 * @param minSample finished runs without which nothing is judged, at least 1
 * @param cooldown the shortest time between two changes
 */
public record ConcurrencySettings(
    int initial, int min, int max, double high, double low, int minSample, Duration cooldown) {
  /** The same, under a ceiling: none of the three limits is above it. */
  public ConcurrencySettings atMost(int ceiling) {
    return new ConcurrencySettings(
        Math.min(initial, ceiling),
        Math.min(min, ceiling),
        Math.min(max, ceiling),
        high,
        low,
        minSample,
        cooldown);
  }
}
