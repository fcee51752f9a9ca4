package io.millrace.limit;

import java.time.Instant;

/** A service that failed too often is left alone until a later instant. */
public final class BreakerWait extends Wait {
  private static final long serialVersionUID = 1L;

  /**
   * @param until when to ask again
   * @param service which one is left alone, in a few words for a person
   */
  public BreakerWait(Instant until, String service) {
    super(until, service + " failed too often and is left alone for a while");
  }

  @Override
  public String word() {
    return "breaker";
  }
}
