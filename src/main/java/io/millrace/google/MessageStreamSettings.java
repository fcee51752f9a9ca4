package io.millrace.google;

import java.time.Duration;

/**
 * How a {@link MessageStream} works.
 *
 * @param batchParts messages in one request at the most, 1 to 50
 * @param maxRequests requests in flight at the most, at least 1
 * @param attempts failures of one message before it is given up, and requests in a row without any
 *     success before the stream is; at least 1
 * @param backoffBase the first and shortest wait after a failure
 * @param backoffCap the longest wait
 * @param recheck how long after a 404 a message is looked for once more; zero is never: one is
 *     believed
 * @param timeScale by how much these waits are shortened, at least 1
 */
public record MessageStreamSettings(
    int batchParts,
    int maxRequests,
    int attempts,
    Duration backoffBase,
    Duration backoffCap,
    Duration recheck,
    double timeScale) {
  /** Google's advice: from one second, doubled up to 64. */
  public static MessageStreamSettings of(int batchParts, int attempts, double timeScale) {
    return new MessageStreamSettings(
        batchParts,
        4,
        attempts,
        Duration.ofSeconds(1),
        Duration.ofSeconds(64),
        Duration.ofSeconds(3),
        timeScale);
  }

  /** The same for messages that cannot be so new that Gmail does not find them yet. */
  public MessageStreamSettings ofOldMessages() {
    return new MessageStreamSettings(
        batchParts, maxRequests, attempts, backoffBase, backoffCap, Duration.ZERO, timeScale);
  }
}
