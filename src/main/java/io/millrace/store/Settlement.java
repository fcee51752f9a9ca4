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
   */
  record Postponed(RunKey key, long delayMs, String why, boolean attemptSpent)
      implements Settlement {}

  /**
   * Failed for good.
   *
   * @param reason the failure's class
   * @param error JSON for whoever looks into it
   */
  record Buried(RunKey key, String reason, String error) implements Settlement {}
}
