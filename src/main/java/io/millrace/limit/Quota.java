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

  /** The same for a call that a person waits for: it may touch a reserve, and goes first. */
  default Future<Integer> takeUrgently(long user, int want, int min) {
    return take(user, want, min);
  }

  /**
   * Asked right before a request is written: whether units that were taken may still be spent.
   *
   * @param takenNanos when they were had, by {@link System#nanoTime}
   * @return false if it is too late for them, or Google has closed the user's quota meanwhile: then
   *     they are lost, and have to be taken again
   */
  default boolean maySpend(long user, long takenNanos) {
    return true;
  }

  /**
   * What a call for a user would wait for now; spends nothing.
   *
   * @param units of the call, at least 1
   * @return fails if no buckets are kept in this process
   */
  default Future<QuotaOutlook> outlook(long user, int units) {
    return Future.succeededFuture(QuotaOutlook.CLEAR);
  }

  /** Tells how long a request was under way from being written to its answer's first byte. */
  default void answered(long nanos) {}

  /**
   * Reports that Google refused a call since all users together spent too much in a minute.
   *
   * @param until the instant before which Google wants no call, or null if it named none
   */
  default void refusedAll(Instant until) {}

  /**
   * Reports that Google refused a call for lack of quota.
   *
   * @param user whose call was refused
   * @param until the instant before which Google wants no call, or null if it named none
   * @param wholeProject true if the refusal concerns every user until the day turns
   */
  void refused(long user, Instant until, boolean wholeProject);
}
