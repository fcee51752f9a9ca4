package io.millrace.sim;

import java.util.List;

/**
 * The messages that a mailbox holds from the start, and those that can still arrive. A message is
 * known by its index: 0 is the newest at the start, larger is older; −1, −2 … are those that arrive
 * later. Immutable; safe from any thread.
 */
interface MailStore {
  /** No message. */
  int NONE = Integer.MIN_VALUE;

  int size();

  long id(int index);

  /** The index of an id, {@link #NONE} if no message can have it. */
  int index(long id);

  /** The messages of the same thread, newest first, this one included. */
  int[] thread(int index);

  int threadCount();

  /** When it came, in milliseconds of Unix time. */
  long date(int index);

  /** Ids of its labels at the start. */
  List<String> labels(int index);

  /** Names of the user's own labels; the n-th, from 1, has the id {@code Label_n}. */
  List<String> userLabels();

  Mail mail(int index);

  /** Whether {@link #mail} may wait for a disk, so that no event loop should call it. */
  boolean blocking();

  /** How many messages a search that has to read them may look at for one page. */
  int searchSpan();

  void close();

  /** The thread's id is that of its oldest message. */
  default long threadId(int index) {
    int[] thread = thread(index);
    return id(thread[thread.length - 1]);
  }
}
