package io.millrace.console;

import java.util.List;
import java.util.Optional;

/**
 * What is usual, by past values: their median, and the median of their distances from it, neither
 * of which one bad day moves. Pure.
 *
 * @param spread the median distance, scaled so that it is the standard deviation of what is
 *     normally distributed; at least a twentieth of the median, since what was always the same may
 *     still vary
 */
public record Usual(double median, double spread) {
  private static final double NORMAL = 1.4826;
  private static final double LEAST_SHARE = 0.05;
  private static final double LEAST = 1e-9;

  /**
   * Of past values.
   *
   * @param least fewer of them say nothing
   */
  static Optional<Usual> of(List<Double> past, int least) {
    if (past.isEmpty() || past.size() < least) {
      return Optional.empty();
    }
    double median = Trend.median(past);
    double mad = Trend.median(past.stream().map(v -> Math.abs(v - median)).toList());
    double spread = Math.max(NORMAL * mad, Math.max(LEAST, LEAST_SHARE * Math.abs(median)));
    return Optional.of(new Usual(median, spread));
  }

  /** By how many spreads a value is above what is usual; negative if it is below. */
  public double deviation(double value) {
    return (value - median) / spread;
  }
}
