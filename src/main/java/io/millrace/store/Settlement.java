package io.millrace.store;

/** How a run ended, as it is written to the database. */
public sealed interface Settlement {
  /** The run that ended. */
  RunKey key();

  /**
   * Ended, and the job with it.
   *
   * @param state completed, skipped or cancelled
   * @param note a few words, or null
   */
  record Finished(RunKey key, String state, String note) implements Settlement {}

  /**
   * Goes on later.
   *
   * @param delayMs from now by the database's clock; 0 or less is at once
   * @param why delay, retry, quota or another word that a person understands
   * @param attemptSpent whether this run counts as a failure
   * @param error JSON about the failed attempt, kept with the job; null if none failed
   * @param cost what the run spent, in ordinary jobs: the job's next turn comes that much later
   */
  record Postponed(
      RunKey key, long delayMs, String why, boolean attemptSpent, String error, float cost)
      implements Settlement {
    /** A failed attempt. */
    public Postponed(RunKey key, long delayMs, String why, boolean attemptSpent, String error) {
      this(key, delayMs, why, attemptSpent, error, 1);
    }

    /** An ordinary turn that did not fail. */
    public Postponed(RunKey key, long delayMs, String why, boolean attemptSpent) {
      this(key, delayMs, why, attemptSpent, null, 1);
    }
  }

  /**
   * Failed for good.
   *
   * @param reason the failure's class
   * @param error JSON for whoever looks into it
   */
  record Buried(RunKey key, String reason, String error) implements Settlement {}
}
