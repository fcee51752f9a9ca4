package io.millrace.store;

import java.util.Map;

/**
 * How much may run at once over all processes, as it is configured. What is not named here stays as
 * the database has it.
 *
 * @param kinds by name of the kind
 * @param queues the most runs at once of all kinds of a queue, by its name
 * @param keys the most runs at once of the jobs that name a limit key, by key
 */
public record Limits(
    Map<String, OfKind> kinds, Map<String, Integer> queues, Map<String, Integer> keys) {
  /** Nothing is limited, or all stays as it is. */
  public static final Limits NONE = new Limits(Map.of(), Map.of(), Map.of());

  /**
   * The limits of a kind; each is null where nothing is configured, else at least 0.
   *
   * @param queue the queue that it belongs to
   * @param maxRunning runs at once
   * @param maxPerUser runs at once of one user
   * @param maxPerKey runs at once of one limit key, unless the key has a limit of its own
   * @param userGroup kinds of one group count together per user, and the least of their limits
   *     holds: with 1, they do not run together
   */
  public record OfKind(
      String queue, Integer maxRunning, Integer maxPerUser, Integer maxPerKey, String userGroup) {
    boolean isEmpty() {
      return queue == null
          && maxRunning == null
          && maxPerUser == null
          && maxPerKey == null
          && userGroup == null;
    }
  }

  boolean isEmpty() {
    return queues.isEmpty() && keys.isEmpty() && kinds.values().stream().allMatch(OfKind::isEmpty);
  }
}
