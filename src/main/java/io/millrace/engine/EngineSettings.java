package io.millrace.engine;

import java.time.Duration;
import java.util.Map;

/**
 * How jobs are claimed and watched: configuration sections {@code engine}, {@code lease}, {@code
 * retry} and {@code kinds}.
 *
 * @param lease how long a worker is believed to live after its last heartbeat
 * @param heartbeat the time between two heartbeats, at most a third of the lease
 * @param poll the longest time between two looks for work when nothing wakes the claimer
 * @param retryBase the first delay of the exponential backoff
 * @param retryCap its longest delay
 * @param kinds by name of the kind; a kind without an entry runs with {@link #DEFAULT_KIND}
 */
public record EngineSettings(
    Duration lease,
    Duration heartbeat,
    Duration poll,
    Duration retryBase,
    Duration retryCap,
    Map<String, KindSettings> kinds) {
  /** For kinds that the configuration does not name. */
  public static final KindSettings DEFAULT_KIND = new KindSettings(15, Duration.ofSeconds(60), 5);

  /** The settings of a kind, never null. */
  public KindSettings kind(String name) {
    return kinds.getOrDefault(name, DEFAULT_KIND);
  }
}
