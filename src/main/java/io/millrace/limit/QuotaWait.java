package io.millrace.limit;

import java.time.Instant;

/** Not an error but an answer: the units asked for are there only at a later instant. */
public final class QuotaWait extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Instant until;

  /**
   * @param until when to ask again
   * @param why which limit is waited for, in a few words for a person
   */
  public QuotaWait(Instant until, String why) {
    super(why, null, false, false);
    this.until = until;
  }

  /** When to ask again; never null. */
  public Instant until() {
    return until;
  }
}
