package io.millrace.google;

import java.net.URI;
import java.time.Duration;

/**
 * How Gmail tells of changes by itself: configuration section {@code push}.
 *
 * @param audience what the tokens of the Pub/Sub subscription are made out to, and only for; null
 *     if nothing listens
 * @param serviceAccount the address of the account in whose name Pub/Sub pushes; null only if
 *     nothing listens
 * @param jwksUri where Google publishes the keys that its tokens are signed with
 * @param host the address to listen on
 * @param port the port, 0 for any free one
 * @param topic the Pub/Sub topic that mailboxes are watched with, {@code projects/…/topics/…}; null
 *     if this process makes no watches
 * @param pollEvery how often a watched mailbox in sync is looked at nevertheless; above zero
 */
public record PushSettings(
    String audience,
    String serviceAccount,
    URI jwksUri,
    String host,
    int port,
    String topic,
    Duration pollEvery) {
  /** Nobody listens and nothing is watched. */
  public static final PushSettings OFF =
      new PushSettings(
          null,
          null,
          URI.create("https://www.googleapis.com/oauth2/v3/certs"),
          "127.0.0.1",
          0,
          null,
          Duration.ofMinutes(15));

  /** Whether notifications are taken here. */
  public boolean listens() {
    return audience != null;
  }

  /** Whether mailboxes are to be watched. */
  public boolean watches() {
    return topic != null;
  }
}
