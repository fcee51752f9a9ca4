package io.millrace.pipeline;

import io.millrace.google.HistoryChange;
import io.millrace.google.MessageFormat;
import io.millrace.google.MessageRef;
import io.millrace.store.Messages.Relabelling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a page of history comes to: for each message its changes one after the other, so that of a
 * message that came, was marked and was deleted only the end remains. Pure.
 *
 * @param wanted messages that may be new: they came in, or left spam or trash, which no listing
 *     showed; what is stored already drops out when it is classified
 * @param formats how much of each wanted one is fetched
 * @param deleted ids that are gone for good
 * @param labels what became of the labels of the others
 */
record PageEffect(
    List<MessageRef> wanted,
    Map<String, MessageFormat> formats,
    List<String> deleted,
    List<Relabelling> labels) {
  /**
   * Sums up a page.
   *
   * @param changes in the order in which they happened
   * @param spamTrash whether messages in spam and trash are wanted
   * @param lanes which messages are wanted, and how much of each
   */
  static PageEffect of(List<HistoryChange> changes, boolean spamTrash, Lanes lanes) {
    Map<String, Fold> folds = new LinkedHashMap<>();
    changes.forEach(c -> folds.computeIfAbsent(c.id(), id -> new Fold()).then(c));
    PageEffect effect =
        new PageEffect(
            new ArrayList<>(), new LinkedHashMap<>(), new ArrayList<>(), new ArrayList<>());
    folds.forEach((id, fold) -> effect.take(id, fold, spamTrash, lanes));
    return effect;
  }

  private void take(String id, Fold fold, boolean spamTrash, Lanes lanes) {
    if (fold.deleted) {
      deleted.add(id);
      return;
    }
    if (spamTrash || fold.moved()) {
      lanes
          .format(List.copyOf(fold.added), fold.cameIn || fold.whole, spamTrash)
          .ifPresent(
              format -> {
                wanted.add(new MessageRef(id, fold.threadId));
                formats.put(id, format);
              });
    }
    if (fold.relabelled) {
      labels.add(
          new Relabelling(id, fold.whole, List.copyOf(fold.added), List.copyOf(fold.removed)));
    }
  }

  /** One message's changes so far. */
  private static final class Fold {
    private final Set<String> added = new LinkedHashSet<>();
    private final Set<String> removed = new LinkedHashSet<>();
    private String threadId;
    private boolean deleted;
    private boolean cameIn;
    private boolean relabelled;

    /** Whether {@link #added} are all the labels that it has. */
    private boolean whole;

    void then(HistoryChange change) {
      threadId = change.threadId();
      if (change instanceof HistoryChange.Added came) {
        clear();
        cameIn = true;
        added.addAll(came.labelIds());
      } else if (change instanceof HistoryChange.Relabelled labels) {
        deleted = false;
        relabelled = true;
        relabel(labels);
      } else {
        clear();
        deleted = true;
      }
    }

    private void clear() {
      added.clear();
      removed.clear();
      deleted = false;
      cameIn = false;
      relabelled = false;
      whole = false;
    }

    private void relabel(HistoryChange.Relabelled labels) {
      if (labels.now() != null) {
        whole = true;
        added.clear();
        removed.clear();
        added.addAll(labels.now());
        return;
      }
      added.addAll(labels.added());
      removed.removeAll(labels.added());
      added.removeAll(labels.removed());
      removed.addAll(labels.removed());
    }

    /** Whether it may be new to a listing without spam and trash. */
    boolean moved() {
      return cameIn || whole || removed.contains("SPAM") || removed.contains("TRASH");
    }
  }
}
