package io.millrace.engine;

import io.millrace.store.Jobs;
import io.millrace.store.RunKey;
import io.millrace.store.Settlement;
import io.millrace.store.Workers;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back jobs that stand as running in this worker's name although it does not know them: the
 * answer to their claim was lost. While the worker lives nobody else would take them before their
 * deadline. Owned by the claimer's context.
 *
 * <p>To look means to read all that runs, so it looks only after a claim whose answer was lost, at
 * each heartbeat for a while, since such a claim may be committed later; and every five minutes in
 * case.
 *
 * <p>Safe only while no claim is under way. Then what the worker knows when it asks is all that has
 * been answered; what it settles meanwhile is gone; and what a claim that it has given up commits
 * later is found the next time.
 */
final class Strays {
  private static final Logger log = LoggerFactory.getLogger(Strays.class);
  private static final int MOST = 10_000;
  private static final int BATCH = 1_000;

  private static final long SPELL_NS = Duration.ofMinutes(5).toNanos();

  private final Workers workers;
  private final Jobs jobs;
  private final Predicate<RunKey> known;
  private final Set<RunKey> unwritable = new HashSet<>();
  private boolean due;
  private boolean suspicious;
  private long spellEnds = System.nanoTime() + SPELL_NS;

  /**
   * @param known whether the worker runs it, or has not yet written how it ended
   */
  Strays(Workers workers, Jobs jobs, Predicate<RunKey> known) {
    this.workers = workers;
    this.jobs = jobs;
    this.known = known;
  }

  /** The answer to a claim was lost: what it took may be there the next time, or later. */
  void lost() {
    due = true;
    suspicious = true;
    spellEnds = System.nanoTime() + SPELL_NS;
  }

  /** A heartbeat has been answered. */
  void beaten() {
    long now = System.nanoTime();
    boolean over = now - spellEnds >= 0;
    due |= suspicious || over;
    if (over) {
      suspicious = false;
      spellEnds = now + SPELL_NS;
    }
  }

  /** A run whose end PostgreSQL refuses to take: it did run, so it is nobody's stray. */
  void unwritable(RunKey run) {
    unwritable.add(run);
  }

  /** Whether a look is due. */
  boolean due() {
    return due;
  }

  /** Looks, if that is due, and gives back what it finds; no attempt is spent, for no run began. */
  Future<Void> giveBack(int worker) {
    if (!due) {
      return Future.succeededFuture();
    }
    return workers
        .runs(worker, MOST)
        .compose(
            runs -> {
              due = false;
              unwritable.retainAll(new HashSet<>(runs));
              List<Settlement> strays =
                  runs.stream()
                      .filter(run -> !known.test(run) && !unwritable.contains(run))
                      .<Settlement>map(run -> new Settlement.Postponed(run, 0, "stray", false))
                      .limit(BATCH)
                      .toList();
              return strays.isEmpty() ? Future.succeededFuture() : giveBack(strays);
            });
  }

  private Future<Void> giveBack(List<Settlement> strays) {
    due = strays.size() == BATCH;
    return jobs.endings()
        .settle(strays)
        .onSuccess(
            count -> {
              if (count > 0) { // Else they were settled meanwhile.
                log.atWarn()
                    .addKeyValue("jobs", count)
                    .log("gave back {} jobs: the answer to their claim was lost", count);
              }
            })
        .mapEmpty();
  }
}
