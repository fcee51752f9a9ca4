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
   * @param why delay, retry or quota
   * @param attemptSpent whether this run counts as a failure
   * @param error JSON of what failed, kept with the job's last attempts; null if nothing did
   */
  record Postponed(RunKey key, long delayMs, String why, boolean attemptSpent, String error)
      implements Settlement {
    /** A wait, or a retry whose failure is not kept. */
    public Postponed(RunKey key, long delayMs, String why, boolean attemptSpent) {
      this(key, delayMs, why, attemptSpent, null);
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
