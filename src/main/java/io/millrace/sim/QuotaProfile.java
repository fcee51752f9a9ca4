package io.millrace.sim;

import java.util.List;

/**
 * Limits and prices of one kind of Google project, in quota units.
 *
 * @param userMinute units per user in any minute
 * @param projectMinute units of all users together in any minute
 * @param projectDay units of all users together in any day; {@code Long.MAX_VALUE} = no limit
 * @param legacyPrices whether the prices from before May 2026 apply
 * @param limited false = nothing is ever refused for quota or concurrency, and answers come at once
 */
record QuotaProfile(
    long userMinute, long projectMinute, long projectDay, boolean legacyPrices, boolean limited) {
  static final List<String> NAMES = List.of("2026-05", "legacy", "unlimited");

  static QuotaProfile named(String name) {
    return switch (name) {
      case "2026-05" -> new QuotaProfile(6_000, 1_200_000, 80_000_000, false, true);
      case "legacy" -> new QuotaProfile(15_000, 1_200_000, Long.MAX_VALUE, true, true);
      default -> new QuotaProfile(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, false, false);
    };
  }

  int units(ApiMethod method) {
    return legacyPrices ? method.legacyUnits : method.units;
  }
}
