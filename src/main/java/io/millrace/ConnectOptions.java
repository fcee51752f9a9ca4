package io.millrace;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Mailboxes to connect, and how their grants are had. */
public sealed interface ConnectOptions {
  /**
   * The owner gave a refresh token.
   *
   * @param email the mailbox
   * @param refreshToken never shown
   */
  record ByToken(String email, Secret refreshToken) implements ConnectOptions {}

  /**
   * The owner consents in a browser on this machine.
   *
   * @param email the mailbox, or empty for whichever the owner chooses
   * @param patience how long to wait for it
   */
  record InBrowser(Optional<String> email, Duration patience) implements ConnectOptions {}

  /**
   * The service account acts for them.
   *
   * @param emails at least one
   */
  record Delegated(List<String> emails) implements ConnectOptions {}
}
