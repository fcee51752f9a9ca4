package io.millrace.store;

import java.time.Duration;

/**
 * How messages that are read on demand are kept at hand: configuration section {@code cache}.
 *
 * @param maxBytes held in this process's memory at the most; 0 for none
 * @param maxEntryBytes a message that takes more is read from the database each time
 * @param maxValueBytes what would take more in Redis is not put there, and what takes more there is
 *     not read; at least 1,024
 * @param ttl how long a message is kept at the longest, here and in Redis
 * @param fresh how long one is answered without asking the database whether its row has changed;
 *     changes that this process made count at once
 * @param warmThreads threads that are read ahead after a commit of a sync at the most; 0 for none
 * @param redisUri a Redis behind this process's memory, without a password; null for none
 * @param redisPassword null for none; never logged
 * @param redisTimeout how long its answer is waited for
 * @param redisPrefix what its keys begin with: one for each database
 */
public record CacheSettings(
    long maxBytes,
    int maxEntryBytes,
    int maxValueBytes,
    Duration ttl,
    Duration fresh,
    int warmThreads,
    String redisUri,
    String redisPassword,
    Duration redisTimeout,
    String redisPrefix) {
  /** What the configuration has by default. */
  public static final CacheSettings DEFAULT =
      new CacheSettings(
          16 << 20,
          256 << 10,
          1 << 20,
          Duration.ofHours(6),
          Duration.ofSeconds(10),
          10,
          null,
          null,
          Duration.ofMillis(100),
          "millrace");

  /** A copy with a Redis. */
  public CacheSettings withRedis(String uri, String password, Duration timeout) {
    return new CacheSettings(
        maxBytes,
        maxEntryBytes,
        maxValueBytes,
        ttl,
        fresh,
        warmThreads,
        uri,
        password,
        timeout,
        redisPrefix);
  }

  /** A copy that asks the database again after another while. */
  public CacheSettings withFresh(Duration other) {
    return new CacheSettings(
        maxBytes,
        maxEntryBytes,
        maxValueBytes,
        ttl,
        other,
        warmThreads,
        redisUri,
        redisPassword,
        redisTimeout,
        redisPrefix);
  }

  @Override
  public String toString() {
    return "CacheSettings[" + maxBytes + " bytes, Redis " + (redisUri != null) + "]";
  }
}
