package io.millrace.google;

/** By what a mailbox may be read: both kinds give access tokens, and either can come to its end. */
public sealed interface Grant {
  /**
   * What its owner gave in a browser.
   *
   * @param token the refresh token; never shown
   */
  record Refresh(String token) implements Grant {
    @Override
    public String toString() {
      return "Refresh[hidden]";
    }
  }

  /**
   * The service account acts for the mailbox: its domain's administrator has allowed it.
   *
   * @param email of the mailbox
   */
  record Delegated(String email) implements Grant {}

  /**
   * Google no longer accepts it.
   *
   * @param reason what was the matter and what the user must do
   */
  record Ended(String reason) implements Grant {}
}
