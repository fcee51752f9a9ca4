package io.millrace.console;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * When somebody is told that something is wrong: configuration section {@code alerts}.
 *
 * @param every between two looks
 * @param hold how long it has to last before it is told, and to be over
 * @param margin by which share below its threshold something has to be to be over, 0 to 0.9
 * @param window over which rates and mean times are taken
 * @param minSample jobs or calls in the window without which nothing is said of their rate
 * @param keepDays for which past alerts are kept
 * @param runbooks what the name of a page is appended to, to make a link
 * @param webhook where alerts are sent, if anywhere
 * @param thresholds of each source that may raise an alert; a source that is absent never does
 */
public record AlertSettings(
    Duration every,
    Duration hold,
    double margin,
    Duration window,
    int minSample,
    int keepDays,
    String runbooks,
    Optional<Webhook> webhook,
    Map<AlertSource, Threshold> thresholds) {
  /**
   * Where alerts are sent.
   *
   * @param secret signs what is sent
   * @param timeout until an answer
   * @param attempts to send one alert
   */
  public record Webhook(URI url, String secret, Duration timeout, int attempts) {
    @Override
    public String toString() {
      return "Webhook[url=" + url + "]";
    }
  }
}
