package io.millrace.limit;

import java.time.Instant;

/**
 * Not an error but an answer: what is asked for is to be had only at a later instant. Whoever runs
 * a job yields it until then and spends no attempt.
 */
public abstract sealed class Wait extends RuntimeException permits QuotaWait, BreakerWait {
  private static final long serialVersionUID = 1L;

  private final transient Instant until;

  /**
   * @param until when to ask again
   * @param why what is waited for, in a few words for a person
   */
  Wait(Instant until, String why) {
    super(why, null, false, false);
    this.until = until;
  }

  /** When to ask again; never null. */
  public Instant until() {
    return until;
  }

  /** What kind of wait it is, in one word: before the message, it says why the job is postponed. */
  public abstract String word();
}
