package io.millrace.google;

import io.millrace.limit.BreakerSettings;
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
 * @param breaker when Google, or its token endpoint, is left alone
 */
public record GoogleSettings(
    URI rootUrl,
    URI tokenUrl,
    String clientId,
    String clientSecret,
    Duration timeout,
    int maxConnections,
    BreakerSettings breaker) {
  /** With a breaker that is set as the configuration has it by default. */
  public GoogleSettings(
      URI rootUrl,
      URI tokenUrl,
      String clientId,
      String clientSecret,
      Duration timeout,
      int maxConnections) {
    this(
        rootUrl,
        tokenUrl,
        clientId,
        clientSecret,
        timeout,
        maxConnections,
        BreakerSettings.DEFAULT);
  }

  /** A copy with another breaker, such as one whose time is shortened with Google's. */
  public GoogleSettings withBreaker(BreakerSettings other) {
    return new GoogleSettings(
        rootUrl, tokenUrl, clientId, clientSecret, timeout, maxConnections, other);
  }

  @Override
  public String toString() {
    return "GoogleSettings[" + rootUrl + ", " + tokenUrl + ", client " + clientId + "]";
  }
}
