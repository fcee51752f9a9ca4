package io.millrace.limit;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * Looks at the buckets without spending: what would a call wait for? Used on the quota verticle's
 * context only.
 */
final class Prospect {
  private final Gates gates;
  private final Leases leases;
  private final DayBudget day;
  private final InstantSource wallClock;
  private final LongSupplier nanoClock;

  Prospect(
      Gates gates, Leases leases, DayBudget day, InstantSource wallClock, LongSupplier nanoClock) {
    this.gates = gates;
    this.leases = leases;
    this.day = day;
    this.wallClock = wallClock;
    this.nanoClock = nanoClock;
  }

  /** Which limit holds a call of so many units back the longest. A bucket nobody asked is full. */
  QuotaOutlook of(long user, int units) {
    Instant now = wallClock.instant();
    Instant gate = gates.until(user, now);
    if (gate != null) {
      return new QuotaOutlook(QuotaScope.GOOGLE, gate, day.forecast());
    }
    long nanos = nanoClock.getAsLong();
    long own = waitNanos(Ledger.user(user), units, nanos);
    long all = waitNanos(Ledger.PROJECT, units, nanos);
    long today = day.limited() ? day.shutNanos(now) : 0;
    long longest = Math.max(today, Math.max(own, all));
    QuotaScope scope =
        longest == 0
            ? null
            : longest == today
                ? QuotaScope.DAY
                : longest == own ? QuotaScope.USER : QuotaScope.PROJECT;
    return new QuotaOutlook(scope, scope == null ? null : now.plusNanos(longest), day.forecast());
  }

  private long waitNanos(Ledger.Key key, int units, long nanos) {
    Allowance one = leases.known(key);
    return one == null || one.available(false, nanos) >= units
        ? 0
        : Math.max(
            leases.pauseNanos(nanos), Math.max(0, one.notBefore(units, false, nanos) - nanos));
  }
}
