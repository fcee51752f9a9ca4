package io.millrace.pipeline;

import io.millrace.google.Traffic;
import io.millrace.store.SyncRuns.Spent;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What was spent for each user and is not written down yet. What a transaction that failed would
 * have written is written by the next one. Thread-safe; one run of a user writes at a time.
 */
final class Spending {
  private final Traffic traffic;
  private final Map<Long, Traffic.Counts> written = new ConcurrentHashMap<>();

  Spending(Traffic traffic) {
    this.traffic = traffic;
  }

  /** Everything counted for a user up to now. */
  Traffic.Counts now(long user) {
    return traffic.user(user);
  }

  /** What of it is not written down yet. */
  Spent unwritten(long user, Traffic.Counts now) {
    Traffic.Counts before = written.get(user);
    return before == null
        ? new Spent(now.units(), now.calls(), now.throttled(), now.bytesReceived())
        : new Spent(
            now.units() - before.units(),
            now.calls() - before.calls(),
            now.throttled() - before.throttled(),
            now.bytesReceived() - before.bytesReceived());
  }

  /** It is committed now. */
  void written(long user, Traffic.Counts now) {
    written.put(user, now);
  }
}
