package io.millrace.pipeline;

/**
 * How far a mailbox is, published after each commit at {@link #ADDRESS}.
 *
 * @param user whose mailbox
 * @param phase list, history, recount, labels, sweep or complete
 * @param accounted listed ids whose fate is known
 * @param estimate messages in the mailbox when the run began
 */
public record SyncProgress(long user, String phase, long accounted, long estimate) {
  /** Where it is published on the event bus. */
  public static final String ADDRESS = "millrace.sync.progress";
}
