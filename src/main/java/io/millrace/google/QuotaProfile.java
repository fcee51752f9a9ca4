package io.millrace.google;

import io.millrace.limit.QuotaLimits;

/**
 * What a Google project pays and may spend: a named, versioned set, since it depends on when the
 * project was created.
 *
 * @param name as configured: {@code 2026-05}, {@code legacy}, {@code unlimited} or one of the
 *     operator's own
 */
public record QuotaProfile(String name, Prices prices, QuotaLimits limits) {
  /** Projects created from 1 May 2026 on. */
  public static final QuotaProfile Y2026_05 =
      new QuotaProfile(
          "2026-05",
          new Prices(1, 5, 2, 20, 40, 20),
          new QuotaLimits(6_000, 1_200_000, 80_000_000, 25));

  /** Projects that used the API before May 2026; no daily limit is documented for them. */
  public static final QuotaProfile LEGACY =
      new QuotaProfile(
          "legacy", new Prices(1, 5, 2, 5, 10, 5), new QuotaLimits(15_000, 1_200_000, 0, 25));

  /** No limit at all: for a simulator only. */
  public static final QuotaProfile UNLIMITED =
      new QuotaProfile("unlimited", new Prices(1, 5, 2, 20, 40, 20), new QuotaLimits(0, 0, 0, 100));
}
