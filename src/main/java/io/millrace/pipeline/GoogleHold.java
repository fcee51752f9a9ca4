package io.millrace.pipeline;

import io.millrace.limit.QuotaOutlook;
import io.millrace.limit.QuotaScope;
import io.millrace.pipeline.MailboxWait.Reason;
import io.millrace.store.MailboxStanding;
import io.millrace.store.MailboxStanding.Closed;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * That no call to Google is made for a mailbox now: for want of units, because Google wants none,
 * or because it failed too often. Pure.
 *
 * @param until null where nobody can tell
 */
record GoogleHold(Reason reason, String sentence, Instant until) {
  /** A call that has to wait less is as good as made. */
  private static final Duration AT_ONCE = Duration.ofSeconds(2);

  /** What the reasons begin with for which the engine postpones a job, see {@code Wait.word}. */
  private static final String QUOTA = "quota: ";

  private static final String BREAKER = "breaker: ";

  /** What a job was postponed for, if it was for Google; what is known by now may be later. */
  static Optional<GoogleHold> ofPostponed(
      MailboxStanding at, String why, Instant until, WaitJudge.Local local) {
    if (why.startsWith(BREAKER)) {
      return Optional.of(breaker(later(until, local.breaker())));
    }
    if (!why.startsWith(QUOTA)) {
      return Optional.empty();
    }
    String words = why.substring(QUOTA.length());
    QuotaScope scope = QuotaScope.of(words).orElse(null);
    if (scope == QuotaScope.GOOGLE || shut(at)) {
      return Optional.of(closed(at.closed(), until));
    }
    QuotaOutlook now = local.quota();
    return Optional.of(
        units(scope, words, scope == now.scope() ? later(until, now.until()) : until));
  }

  /** What a sync that runs waits for now, if it is for Google. */
  static Optional<GoogleHold> ofRunning(MailboxStanding at, WaitJudge.Local local) {
    QuotaOutlook quota = local.quota();
    if (shut(at) || quota.scope() == QuotaScope.GOOGLE) {
      return Optional.of(closed(at.closed(), quota.until()));
    }
    if (local.breaker() != null) {
      return Optional.of(breaker(local.breaker()));
    }
    return quota.scope() != null && quota.until().isAfter(at.now().plus(AT_ONCE))
        ? Optional.of(units(quota.scope(), quota.scope().words(), quota.until()))
        : Optional.empty();
  }

  private static boolean shut(MailboxStanding at) {
    return at.closed() != null && at.closed().until().isAfter(at.now());
  }

  private static GoogleHold units(QuotaScope scope, String words, Instant until) {
    Reason reason =
        scope == QuotaScope.USER
            ? Reason.USER_QUOTA
            : scope == QuotaScope.DAY ? Reason.DAY_QUOTA : Reason.PROJECT_QUOTA;
    return new GoogleHold(reason, "It waits for %s, until %s.".formatted(words, until), until);
  }

  private static GoogleHold closed(Closed known, Instant told) {
    Instant until = known == null ? told : later(told, known.until());
    String whom = known != null && known.everybody() ? "any mailbox" : "this mailbox";
    return new GoogleHold(
        Reason.CLOSED_BY_GOOGLE,
        "Google wants no call for %s before %s.".formatted(whom, until),
        until);
  }

  private static GoogleHold breaker(Instant until) {
    return new GoogleHold(
        Reason.BREAKER,
        "Google failed too often and is left alone until %s.".formatted(until),
        until);
  }

  private static Instant later(Instant one, Instant other) {
    return other != null && (one == null || other.isAfter(one)) ? other : one;
  }
}
