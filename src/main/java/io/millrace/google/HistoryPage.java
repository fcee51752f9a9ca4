package io.millrace.google;

import java.util.List;

/**
 * A page of what has changed. May be empty and yet have a successor.
 *
 * @param changes in the order in which they happened
 * @param lastRecord the highest id of a record on this page: all up to it has been told; null if
 *     there is no record
 * @param nextPageToken null on the last page
 * @param historyId the mailbox's cursor when the page was made; null if Google named none
 */
public record HistoryPage(
    List<HistoryChange> changes, String lastRecord, String nextPageToken, String historyId) {
  /**
   * The later of two history ids: unsigned 64-bit numbers as decimal text, without leading zeros.
   *
   * @param other may be null
   */
  public static String later(String one, String other) {
    boolean longer =
        other != null
            && (other.length() == one.length()
                ? other.compareTo(one) > 0
                : other.length() > one.length());
    return longer ? other : one;
  }
}
