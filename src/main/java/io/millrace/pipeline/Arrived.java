package io.millrace.pipeline;

import io.millrace.google.Fetched;
import io.millrace.google.MessageData;
import io.millrace.store.SyncRuns.Dead;
import io.millrace.store.SyncRuns.Fate;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A batch of what a stream emitted, sorted by what is to be done with it.
 *
 * @param settled ids that were asked for and are settled by this batch
 * @param mail messages that were asked for
 * @param unasked others that came with their threads, by id; what the policy does not want is left
 *     out, and so is what is asked for and will come, or has come, as such
 * @param unthreaded threads that cannot be fetched whole
 */
record Arrived(
    List<String> settled,
    List<MessageData> mail,
    Map<String, MessageData> unasked,
    List<Fate> fates,
    List<Dead> dead,
    List<String> unthreaded) {
  /**
   * Sorts a batch.
   *
   * @param pending ids that are asked for
   * @param spamTrash whether messages in spam and trash are wanted
   */
  static Arrived of(List<Fetched> batch, Collection<String> pending, boolean spamTrash) {
    Arrived arrived =
        new Arrived(
            new ArrayList<>(),
            new ArrayList<>(),
            new LinkedHashMap<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    batch.forEach(one -> arrived.sort(one, spamTrash));
    arrived.unasked.keySet().removeAll(pending);
    return arrived;
  }

  private void sort(Fetched one, boolean spamTrash) {
    if (one instanceof Fetched.Message message && !message.asked()) {
      if (spamTrash || shownByDefault(message.data().labelIds())) {
        unasked.put(message.id(), message.data());
      }
      return;
    }
    if (one instanceof Fetched.Unthreaded thread) {
      unthreaded.add(thread.id());
      return;
    }
    settled.add(one.id());
    if (one instanceof Fetched.Message message) {
      mail.add(message.data());
    } else if (one instanceof Fetched.Gone gone) {
      fates.add(new Fate(gone.id(), "gone"));
    } else if (one instanceof Fetched.Failed failed) {
      fates.add(new Fate(failed.id(), "dead"));
      dead.add(
          new Dead(
              failed.id(),
              failed.failure().getClass().getSimpleName(),
              failed.failure().sentence(),
              failed.attempts()));
    }
  }

  /** Ids that were asked for and that Google has no more. */
  List<String> gone() {
    return fates.stream().filter(f -> f.fate().equals("gone")).map(Fate::id).toList();
  }

  /** How many of the messages asked for were as they are at a history id or before. */
  int asOf(String historyId) {
    BigInteger then = new BigInteger(historyId);
    return (int)
        mail.stream()
            .filter(
                m -> m.historyId() == null || new BigInteger(m.historyId()).compareTo(then) <= 0)
            .count();
  }

  /** Whether a listing without spam and trash would show it. */
  static boolean shownByDefault(List<String> labelIds) {
    return !labelIds.contains("SPAM") && !labelIds.contains("TRASH");
  }
}
