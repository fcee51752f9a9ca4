package io.millrace.store;

/**
 * What the cache of messages has done since the start of the process.
 *
 * @param asks how often a message was asked for
 * @param memoryHits answered from memory, at once or after the database said that nothing changed
 * @param redisHits answered from Redis
 * @param shared answered by what another ask at the same time brought
 * @param loads read from the database
 * @param warmed read ahead
 * @param redisFailures calls to Redis that failed, were late, or were not made since too many were
 * @param redisRefused answers of Redis that were not what was put there
 */
public record CacheFigures(
    long asks,
    long memoryHits,
    long redisHits,
    long shared,
    long loads,
    long warmed,
    long redisFailures,
    long redisRefused) {
  /** The share of asks that did not read mail from the database, 0 to 1; 0 before the first. */
  public double hitRate() {
    return asks == 0 ? 0 : Math.max(0, 1 - (double) loads / asks);
  }
}
