package io.millrace.google;

import java.net.URI;
import java.time.Duration;

/**
 * Where Google is and how it is spoken to: configuration section {@code google}.
 *
 * @param rootUrl the API's root, {@code https://gmail.googleapis.com/} for the real one
 * @param tokenUrl the token endpoint, {@code https://oauth2.googleapis.com/token} for the real one
 * @param clientId the OAuth client; may be empty until a mailbox is connected
 * @param clientSecret its secret, from the environment or a file; never logged
 * @param timeout the longest a call may take from being written to the first byte of its answer,
 *     and the longest its body may stand still
 * @param maxConnections HTTP connections at once to one host
 */
public record GoogleSettings(
    URI rootUrl,
    URI tokenUrl,
    String clientId,
    String clientSecret,
    Duration timeout,
    int maxConnections) {
  @Override
  public String toString() {
    return "GoogleSettings[" + rootUrl + ", " + tokenUrl + ", client " + clientId + "]";
  }
}
