package io.millrace.google;

import com.fasterxml.jackson.core.JsonParser;
import io.millrace.google.HistoryChange.Added;
import io.millrace.google.HistoryChange.Deleted;
import io.millrace.google.HistoryChange.Relabelled;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads pages of a history. Records stand in the order in which things happened; within one record
 * a message comes in first, and is deleted last.
 */
final class HistoryPages {
  private final List<HistoryChange> changes = new ArrayList<>();
  private String lastRecord;
  private String nextPageToken;
  private String historyId;

  private HistoryPages() {}

  static HistoryPage read(byte[] bytes) {
    HistoryPages page = new HistoryPages();
    Pages.root(bytes, page::field);
    return new HistoryPage(
        List.copyOf(page.changes), page.lastRecord, page.nextPageToken, page.historyId);
  }

  private void field(String name, JsonParser p) throws IOException {
    switch (name) {
      case "history" -> Pages.each(p, () -> record(p));
      case "nextPageToken" -> nextPageToken = Pages.token(Pages.text(p));
      case "historyId" -> historyId = Pages.historyId(p);
      default -> p.skipChildren();
    }
  }

  private void record(JsonParser p) throws IOException {
    List<HistoryChange> added = new ArrayList<>(1);
    List<HistoryChange> relabelled = new ArrayList<>(1);
    List<HistoryChange> deleted = new ArrayList<>(1);
    Pages.object(
        p,
        (name, q) -> {
          switch (name) {
            case "id" -> {
              String id = Pages.historyId(q);
              lastRecord = lastRecord == null ? id : HistoryPage.later(lastRecord, id);
            }
            case "messagesAdded" -> Pages.each(q, () -> added.add(added(change(q))));
            case "labelsAdded" -> Pages.each(q, () -> relabelled.add(relabelled(change(q), true)));
            case "labelsRemoved" ->
                Pages.each(q, () -> relabelled.add(relabelled(change(q), false)));
            case "messagesDeleted" -> Pages.each(q, () -> deleted.add(deleted(change(q))));
            default -> q.skipChildren();
          }
        });
    changes.addAll(added);
    changes.addAll(relabelled);
    changes.addAll(deleted);
  }

  /**
   * An entry of one of the typed arrays.
   *
   * @param labels those that were added or removed
   */
  private record Change(Pages.Listed message, List<String> labels) {}

  private static Change change(JsonParser p) throws IOException {
    Pages.Listed[] message = new Pages.Listed[1];
    List<List<String>> labels = new ArrayList<>(1);
    Pages.object(
        p,
        (name, q) -> {
          switch (name) {
            case "message" -> message[0] = Pages.messageOrNull(q);
            case "labelIds" -> labels.add(Pages.labels(q));
            default -> q.skipChildren();
          }
        });
    if (message[0] == null) {
      throw Pages.malformed("a change without its message.");
    }
    return new Change(message[0], labels.isEmpty() ? List.of() : labels.get(0));
  }

  private static Added added(Change change) {
    MessageRef ref = change.message().ref();
    List<String> labels = change.message().labelIds();
    return new Added(ref.id(), ref.threadId(), labels == null ? List.of() : labels);
  }

  private static Deleted deleted(Change change) {
    MessageRef ref = change.message().ref();
    return new Deleted(ref.id(), ref.threadId());
  }

  private static Relabelled relabelled(Change change, boolean gained) {
    MessageRef ref = change.message().ref();
    return new Relabelled(
        ref.id(),
        ref.threadId(),
        gained ? change.labels() : List.of(),
        gained ? List.of() : change.labels(),
        change.message().labelIds());
  }
}
