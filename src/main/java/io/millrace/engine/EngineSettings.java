package io.millrace.engine;

import io.millrace.store.Limits;
import java.time.Duration;
import java.util.Map;

/**
 * How jobs are claimed, run and watched: configuration sections {@code engine}, {@code lease},
 * {@code retry}, {@code kinds}, {@code queues} and {@code limits}.
 *
 * @param lease how long a worker is believed to live after its last heartbeat
 * @param heartbeat the time between two heartbeats, at most a third of the lease
 * @param poll the longest time between two looks for work when nothing wakes the claimer
 * @param grace how long a run that was told to end may take to do so
 * @param blocked after how long a handler that blocks its event loop is named in the log
 * @param failures what follows from a failure
 * @param kinds by name of the kind; a kind without an entry runs with {@link #DEFAULT_KIND}
 * @param limits what holds over all processes
 */
public record EngineSettings(
    Duration lease,
    Duration heartbeat,
    Duration poll,
    Duration grace,
    Duration blocked,
    FailurePolicy failures,
    Map<String, KindSettings> kinds,
    Limits limits) {
  /** For kinds that the configuration does not name. */
  public static final KindSettings DEFAULT_KIND = new KindSettings(15, Duration.ofSeconds(60), 5);

  /** Without limits over all processes. */
  public EngineSettings(
      Duration lease,
      Duration heartbeat,
      Duration poll,
      Duration grace,
      Duration blocked,
      FailurePolicy failures,
      Map<String, KindSettings> kinds) {
    this(lease, heartbeat, poll, grace, blocked, failures, kinds, Limits.NONE);
  }

  /** With the default grace, and one backoff for all that may pass by itself. */
  public EngineSettings(
      Duration lease,
      Duration heartbeat,
      Duration poll,
      Duration retryBase,
      Duration retryCap,
      Map<String, KindSettings> kinds) {
    this(
        lease,
        heartbeat,
        poll,
        Duration.ofSeconds(5),
        Duration.ofSeconds(1),
        FailurePolicy.of(100, retryBase, retryCap),
        kinds);
  }

  /** The settings of a kind, never null. */
  public KindSettings kind(String name) {
    return kinds.getOrDefault(name, DEFAULT_KIND);
  }

  /** The same with the waits between attempts divided by a time scale. */
  public EngineSettings scaled(double scale) {
    return new EngineSettings(
        lease, heartbeat, poll, grace, blocked, failures.scaled(scale), kinds, limits);
  }
}
