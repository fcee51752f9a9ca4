package io.millrace.limit;

import java.util.Arrays;
import java.util.Optional;

/**
 * Which limit a call for units waits for. The words of a wait begin with the scope's, so that it is
 * known again from a job that was postponed for it.
 */
public enum QuotaScope {
  /** The user's units of a minute. */
  USER("the user's quota per minute"),
  /** The project's units of a minute are scarce, and others are due before this user. */
  SHARE("the project's quota per minute, others come first"),
  /** The project's units of a minute. */
  PROJECT("the project's quota per minute"),
  /** The project's units of the day. */
  DAY("the project's quota of the day"),
  /** Google named an instant before which it wants no call. */
  GOOGLE("Google closed it");

  private final String words;

  QuotaScope(String words) {
    this.words = words;
  }

  /** What is waited for, in a few words for a person. */
  public String words() {
    return words;
  }

  /**
   * The scope of a wait.
   *
   * @param message of a {@link QuotaWait}
   * @return empty if it waits for none of them
   */
  public static Optional<QuotaScope> of(String message) {
    // The longer words come first, for they begin as the shorter ones do.
    return Arrays.stream(values()).filter(s -> message.startsWith(s.words)).findFirst();
  }
}
