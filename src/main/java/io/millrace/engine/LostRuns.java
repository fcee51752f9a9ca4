package io.millrace.engine;

import io.millrace.store.Endings;
import io.millrace.store.Workers;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Map;

/**
 * Takes back the runs of workers that ended and runs far past their deadline, and reads the running
 * ones only when there can be such: while a session holds an old snapshot, the entries of all that
 * ran since lie among them. There can be when a worker has ended since the last look, or when the
 * first deadline is over: that of a run which was there then, or of the shortest one begun since.
 * What else may come to pass is found by a look every five minutes. Owned by one context; time is
 * the database's.
 */
final class LostRuns {
  private static final Duration AT_LEAST = Duration.ofMinutes(5);

  private final Workers workers;
  private final Endings endings;
  private final Duration grace;
  private final Duration shortest;
  private final Map<String, Integer> attempts;
  private OffsetDateTime lookedAt;
  private OffsetDateTime dueAt;

  /**
   * @param grace how far past its deadline a run of a living worker may be; also for how long after
   *     its end a worker's last claim may still be committed
   * @param shortest the shortest time that a run of this process may take
   * @param attempts failures allowed, by kind
   */
  LostRuns(
      Workers workers,
      Endings endings,
      Duration grace,
      Duration shortest,
      Map<String, Integer> attempts) {
    this.workers = workers;
    this.endings = endings;
    this.grace = grace;
    this.shortest = shortest;
    this.attempts = attempts;
  }

  /** Looks if there can be something; answers what came of it. */
  Future<Endings.Rescued> take() {
    return workers
        .ended(lookedAt == null ? null : lookedAt.minus(grace))
        .compose(
            state ->
                state.some() || !state.at().isBefore(dueAt) || state.at().isBefore(lookedAt)
                    ? look(state.at())
                    : endings.cascade().map(Endings.Rescued.NONE));
  }

  private Future<Endings.Rescued> look(OffsetDateTime at) {
    return endings
        .rescue(grace.toMillis(), attempts)
        .compose(
            rescued ->
                rescued.more()
                    ? Future.succeededFuture(rescued)
                    : workers
                        .firstLoss(grace.toMillis())
                        .map(
                            first -> {
                              OffsetDateTime due = at.plus(shortest).plus(grace);
                              due = first != null && first.isBefore(due) ? first : due;
                              OffsetDateTime latest = at.plus(AT_LEAST);
                              lookedAt = at;
                              dueAt = due.isBefore(latest) ? due : latest;
                              return rescued;
                            }));
  }
}
