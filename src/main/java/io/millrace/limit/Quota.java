package io.millrace.limit;

import io.vertx.core.Future;
import java.time.Instant;

/** Permission to spend units. Every call to Google passes here before it is written. */
public interface Quota {
  /**
   * Takes units for one user, at all scopes at once.
   *
   * <p>The future completes on the caller's context at an instant at which the units may be spent:
   * the caller sends in the same turn of its event loop. It fails with {@link QuotaWait} when the
   * wait would be longer than {@link QuotaSettings#yieldAfter()}. Units taken and not spent are
   * lost.
   *
   * @param user the user whose bucket is charged
   * @param want the most units that the caller can use now, at least {@code min}
   * @param min the fewest that are of use to the caller, at least 1
   * @return how many were granted, between {@code min} and {@code want}, a multiple of {@code min}
   */
  Future<Integer> take(long user, int want, int min);

  /**
   * Reports that Google refused a call for lack of quota.
   *
   * @param user whose call was refused
   * @param until the instant before which Google wants no call, or null if it named none
   * @param wholeProject true if the refusal concerns every user until the day turns
   */
  void refused(long user, Instant until, boolean wholeProject);
}
