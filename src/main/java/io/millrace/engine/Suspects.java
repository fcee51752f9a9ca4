package io.millrace.engine;

import io.millrace.store.ClaimedJob;
import io.millrace.store.RunKey;
import java.util.HashSet;
import java.util.Set;

/**
 * Lets jobs that were lost with their workers again and again begin one at a time: if one of them
 * kills its process, it takes no other suspect with it, and only it comes to its last attempt. Jobs
 * that were lost once are not suspected, for then a worker was killed, and all that it ran should
 * run again at once. Owned by the claimer's context.
 */
final class Suspects {
  /** Losses in a row that are no accident. */
  private static final int LOSSES = 2;

  private static final long APART_MS = 250;
  private static final long MOST_MS = 60_000;

  private final EngineSettings settings;
  private final Set<RunKey> waiting = new HashSet<>();
  private RunKey running;
  private Runnable begin;
  private int turns;

  Suspects(EngineSettings settings) {
    this.settings = settings;
  }

  /**
   * Lets a job begin: at once, or if it is a suspect at the next {@link #go}.
   *
   * @return 0 if it begins; else after how many milliseconds to try again
   */
  long begin(ClaimedJob job, Runnable start) {
    if (!suspected(job)) {
      start.run();
      return 0;
    }
    if (running == null) {
      running = job.key();
      begin = start;
      turns = 0;
      return 0;
    }
    waiting.add(job.key());
    return Math.min(MOST_MS, ++turns * APART_MS);
  }

  /** The suspect begins when all others are given back, so that it cannot take them with it. */
  void go() {
    if (begin != null && waiting.isEmpty()) {
      Runnable start = begin;
      begin = null;
      start.run();
    }
  }

  /** A job that has made a checkpoint since it was lost has no failures, and is not suspected. */
  private boolean suspected(ClaimedJob job) {
    int most = settings.kind(job.kind()).attempts();
    return job.failures() > 0
        && job.failures() >= Math.min(LOSSES, most - 1)
        && ErrorRecord.inARow(job.attempts(), ErrorRecord.LOST) > 0;
  }

  /** Its end is written, or can never be. */
  void ended(RunKey run) {
    waiting.remove(run);
    if (run.equals(running)) {
      running = null;
      begin = null;
    }
    go();
  }
}
