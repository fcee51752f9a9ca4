package io.millrace.console;

import io.millrace.store.Usage;
import java.time.Duration;

/**
 * What work costs, in any one currency: configuration section {@code cost}.
 *
 * @param perThousandUnits of quota
 * @param perMillionTokens given to a model
 * @param perGibibyte received
 * @param budget above this a user's day is a warning
 * @param critical above this it is critical
 * @param every between two writes of what was spent
 * @param keepDays for which a user's spending is kept
 */
public record CostSettings(
    double perThousandUnits,
    double perMillionTokens,
    double perGibibyte,
    double budget,
    double critical,
    Duration every,
    int keepDays) {
  private static final double GIBIBYTE = 1L << 30;

  /** Whether anything has a price. */
  public boolean told() {
    return perThousandUnits > 0 || perMillionTokens > 0 || perGibibyte > 0;
  }

  Usage.Prices prices() {
    return new Usage.Prices(perThousandUnits / 1e3, perMillionTokens / 1e6, perGibibyte / GIBIBYTE);
  }

  /** What so much costs. */
  public double of(long units, long tokens, long bytes) {
    return units * perThousandUnits / 1e3
        + tokens * perMillionTokens / 1e6
        + bytes * perGibibyte / GIBIBYTE;
  }
}
