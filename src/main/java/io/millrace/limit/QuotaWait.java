package io.millrace.limit;

import java.time.Instant;

/** The units asked for are there only at a later instant. */
public final class QuotaWait extends Wait {
  private static final long serialVersionUID = 1L;

  /**
   * @param until when to ask again
   * @param why which limit is waited for, in a few words for a person
   */
  public QuotaWait(Instant until, String why) {
    super(until, why);
  }

  @Override
  public String word() {
    return "quota";
  }
}
