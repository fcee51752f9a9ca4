package io.millrace.engine;

import io.millrace.store.Jobs;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Set;

/**
 * Makes scheduled jobs ready when they are due, and lets jobs that stand aside look again now and
 * then; asks the database only when some may be due, and at most every 20 ms. Owned by the claimer.
 */
final class Promoter {
  private static final int MOST_PROMOTED = 1_000;
  private static final int MOST_RESTORED = 256;
  private static final long APART_NS = Duration.ofMillis(20).toNanos();

  private final Jobs jobs;
  private final Duration poll;
  private Set<String> limited = Set.of();
  private long promotedAt = System.nanoTime() - APART_NS;
  private long promoteAt = promotedAt;
  private long restoreAt = promotedAt;

  Promoter(Jobs jobs, Duration poll) {
    this.jobs = jobs;
    this.poll = poll;
  }

  /** Some may be due in so many milliseconds. */
  void within(long ms) {
    long at = System.nanoTime() + ms * 1_000_000;
    promoteAt = Math.min(promoteAt, Math.max(at, promotedAt + APART_NS));
  }

  /** Milliseconds until it is time again, at least 1. */
  long dueMs() {
    return Math.max(0, promoteAt - System.nanoTime()) / 1_000_000 + 1;
  }

  /** Whether a kind had limits over all processes when last asked. */
  boolean limited(String kind) {
    return limited.contains(kind);
  }

  /** Does it if it is time; answers whether there is more to claim for it. */
  Future<Boolean> promote() {
    long now = System.nanoTime();
    if (now - promoteAt < 0) {
      return Future.succeededFuture(false);
    }
    promotedAt = now;
    promoteAt = now + poll.toNanos();
    return jobs.promote(MOST_PROMOTED)
        .compose(
            promoted -> {
              if (promoted.count() == MOST_PROMOTED) {
                within(0);
              } else if (promoted.nextMs() != null) {
                within(Math.min(promoted.nextMs(), poll.toMillis()));
              }
              boolean news = promoted.count() > 0 || !limited.equals(promoted.limited());
              limited = promoted.limited();
              return restore(now).map(restored -> restored || news);
            });
  }

  private Future<Boolean> restore(long now) {
    if (now - restoreAt < 0) {
      return Future.succeededFuture(false);
    }
    restoreAt = now + poll.toNanos();
    return jobs.releaseStranded(MOST_RESTORED)
        .map(
            released -> {
              if (released >= MOST_RESTORED / 2) {
                // So many have room that a limit must have gone.
                restoreAt = now;
                within(0);
              }
              return released > 0;
            });
  }
}
