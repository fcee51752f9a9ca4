package io.millrace.engine;

import io.millrace.store.Jobs;
import io.vertx.core.Future;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the database of which kinds this process could start more at once, so that enqueuers know
 * whether to wake it. News that it could is told at once, that it no longer could only now and
 * then: a notification too many costs less than one too few. Owned by the claimer; time is of a
 * monotonic clock in nanoseconds.
 */
final class Idleness {
  private static final Logger log = LoggerFactory.getLogger(Idleness.class);
  private static final long SHRINK_APART_NS = 100_000_000;

  /**
   * Who enqueued while it was told may not have been: transactions that were open then are looked
   * for after so many milliseconds.
   */
  private static final long[] ECHOES_MS = {3, 20, 100};

  private final Jobs jobs;
  private int worker;
  private Set<String> told = Set.of();
  private long toldAt;
  private Future<Void> telling = Future.succeededFuture();
  private int echo = ECHOES_MS.length;

  Idleness(Jobs jobs) {
    this.jobs = jobs;
  }

  /**
   * Takes in which kinds could be started at once after a look.
   *
   * @return in how many milliseconds to look again at the latest
   */
  long is(int by, Set<String> kinds, long now) {
    boolean grown = by != worker || !told.containsAll(kinds);
    boolean shrunk = kinds.size() < told.size() && now - toldAt > SHRINK_APART_NS;
    if (grown || shrunk) {
      worker = by;
      told = Set.copyOf(kinds);
      toldAt = now;
      echo = grown ? 0 : echo;
      Set<String> news = told;
      // One after the other: on connections of their own, older news could come last and stay.
      telling =
          telling
              .otherwiseEmpty()
              .compose(v -> jobs.idle(by, news))
              .onFailure(
                  e -> {
                    told = Set.of();
                    log.debug("nobody knows that this worker is idle: {}", e.getMessage());
                  });
    }
    return echo < ECHOES_MS.length ? ECHOES_MS[echo++] : Long.MAX_VALUE;
  }
}
