package io.millrace.limit;

import java.time.Instant;

/** What is said on the event bus about quota. All records, all local, all small. */
final class QuotaMessages {
  static final String RESERVE = "millrace.quota.reserve";
  static final String PENALTY = "millrace.quota.penalty";
  static final String LOOK = "millrace.quota.look";

  private QuotaMessages() {}

  /** Asks for {@code min} to {@code want} units of a user; urgently, if a person waits. */
  record Reserve(long user, int want, int min, boolean urgent) {
    Reserve(long user, int want, int min) {
      this(user, want, min, false);
    }
  }

  /**
   * The answer: units, or when to ask again.
   *
   * @param units granted, 0 if none
   * @param notAfterNanos until when they may be sent, by {@link System#nanoTime}
   * @param waitNanos how long to wait before asking again, if none were granted
   * @param why what is waited for
   */
  record Grant(int units, long notAfterNanos, long waitNanos, String why) {}

  /** Asks what a call of so many units would wait for; the answer is a {@link QuotaOutlook}. */
  record Look(long user, int units) {}

  /**
   * Google refused a call.
   *
   * @param user 0 for all of them together
   * @param until before which it wants no call; null if it named no instant
   * @param wholeProject whether until the day turns
   */
  record Penalty(long user, Instant until, boolean wholeProject) {}
}
