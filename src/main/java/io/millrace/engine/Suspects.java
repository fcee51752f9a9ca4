package io.millrace.engine;

import io.millrace.store.ClaimedJob;
import io.millrace.store.RunKey;

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
  private RunKey running;
  private int waiting;

  Suspects(EngineSettings settings) {
    this.settings = settings;
  }

  /**
   * Whether a job may begin.
   *
   * @return 0 if it may; else after how many milliseconds to try again
   */
  long waits(ClaimedJob job) {
    if (!suspected(job)) {
      return 0;
    }
    if (running == null) {
      running = job.key();
      waiting = 0;
      return 0;
    }
    return Math.min(MOST_MS, ++waiting * APART_MS);
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
    if (run.equals(running)) {
      running = null;
    }
  }
}
