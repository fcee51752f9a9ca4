package io.millrace.google;

import java.util.List;

/** One thing that happened to a message, as a history tells it. */
public sealed interface HistoryChange {
  /** The message's id. */
  String id();

  /** Its thread's; the message's own id if Google named none. */
  String threadId();

  /**
   * It came in. It may be gone again by now.
   *
   * @param labelIds its labels then, as far as Google told them; those of spam and trash tell that
   *     a plain list leaves it out
   */
  record Added(String id, String threadId, List<String> labelIds) implements HistoryChange {}

  /** It is gone for good; moving to the trash is a change of labels. */
  record Deleted(String id, String threadId) implements HistoryChange {}

  /**
   * Its labels changed.
   *
   * @param added labels that it got
   * @param removed labels that it lost
   * @param now all labels after the change; null if Google did not tell them, which it does neither
   *     when it leaves them out nor when there are none left
   */
  record Relabelled(
      String id, String threadId, List<String> added, List<String> removed, List<String> now)
      implements HistoryChange {}
}
