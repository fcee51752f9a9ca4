package io.millrace.google;

import java.util.List;

/**
 * A page of what has changed, oldest first within each list. May be empty and yet have a successor.
 *
 * @param added messages that came in; they may be deleted again by now
 * @param deleted ids of messages that are gone for good
 * @param labels messages whose labels changed
 * @param nextPageToken null on the last page
 * @param historyId the mailbox's cursor: to be kept once the last page is worked off; null if
 *     Google named none
 */
public record HistoryPage(
    List<Added> added,
    List<String> deleted,
    List<LabelChange> labels,
    String nextPageToken,
    String historyId) {
  /**
   * A message that came in.
   *
   * @param labelIds its labels then; those of spam and trash tell that a plain list leaves it out
   */
  public record Added(String id, String threadId, List<String> labelIds) {}

  /**
   * What labels a message has after a change.
   *
   * @param id of the message
   * @param labelIds all labels that the message had after the change; empty if it had none
   */
  public record LabelChange(String id, List<String> labelIds) {}
}
