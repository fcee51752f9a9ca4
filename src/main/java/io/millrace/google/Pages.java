package io.millrace.google;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.google.GoogleFailure.Malformed;
import io.millrace.google.HistoryPage.Added;
import io.millrace.google.HistoryPage.LabelChange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads listings, histories, profiles and threads. What cannot be understood in them makes the
 * whole page malformed: a page that is read in part would lose ids.
 */
final class Pages {
  private Pages() {}

  static MailboxProfile profile(byte[] bytes) {
    String[] found = new String[2];
    long[] total = new long[1];
    root(
        bytes,
        (name, p) -> {
          switch (name) {
            case "emailAddress" -> found[0] = text(p);
            case "historyId" -> found[1] = historyId(p);
            case "messagesTotal" -> total[0] = count(p);
            default -> p.skipChildren();
          }
        });
    if (found[0] == null || found[1] == null) {
      throw malformed("a profile without address or historyId.");
    }
    return new MailboxProfile(found[0], found[1], total[0]);
  }

  static IdPage ids(byte[] bytes) {
    List<MessageRef> ids = new ArrayList<>();
    String[] next = new String[1];
    long[] estimate = new long[1];
    root(
        bytes,
        (name, p) -> {
          switch (name) {
            case "messages" -> each(p, () -> ids.add(message(p).ref()));
            case "nextPageToken" -> next[0] = text(p);
            case "resultSizeEstimate" -> estimate[0] = count(p);
            default -> p.skipChildren();
          }
        });
    return new IdPage(List.copyOf(ids), token(next[0]), estimate[0]);
  }

  static HistoryPage history(byte[] bytes) {
    List<Added> added = new ArrayList<>();
    List<String> deleted = new ArrayList<>();
    List<LabelChange> labels = new ArrayList<>();
    String[] found = new String[2];
    Field change =
        (name, p) -> {
          switch (name) {
            case "messagesAdded" ->
                each(
                    p,
                    () -> {
                      Listed m = changed(p);
                      added.add(new Added(m.ref().id(), m.ref().threadId(), m.labelIds()));
                    });
            case "messagesDeleted" -> each(p, () -> deleted.add(changed(p).ref().id()));
            case "labelsAdded", "labelsRemoved" ->
                each(
                    p,
                    () -> {
                      Listed m = changed(p);
                      labels.add(new LabelChange(m.ref().id(), m.labelIds()));
                    });
            default -> p.skipChildren();
          }
        };
    root(
        bytes,
        (name, p) -> {
          switch (name) {
            case "history" -> each(p, () -> object(p, change));
            case "nextPageToken" -> found[0] = text(p);
            case "historyId" -> found[1] = historyId(p);
            default -> p.skipChildren();
          }
        });
    return new HistoryPage(
        List.copyOf(added), List.copyOf(deleted), List.copyOf(labels), token(found[0]), found[1]);
  }

  static ThreadData thread(byte[] bytes, String asked, MessageFormat format) {
    List<MessageData> messages = new ArrayList<>();
    String[] id = new String[1];
    int[] unreadable = new int[1];
    try (PayloadDeflater deflater = new PayloadDeflater()) {
      root(
          bytes,
          (name, p) -> {
            switch (name) {
              case "id" -> id[0] = text(p);
              case "messages" ->
                  each(
                      p,
                      () -> {
                        MessageJson read = MessageJson.read(p, bytes, 0);
                        if (read.problem() == null) {
                          messages.add(read.data(format, deflater));
                        } else {
                          unreadable[0]++;
                        }
                      });
              default -> p.skipChildren();
            }
          });
    }
    if (!asked.equals(id[0])) {
      throw malformed("another thread than the one asked for.");
    }
    return new ThreadData(asked, List.copyOf(messages), unreadable[0]);
  }

  private interface Field {
    void read(String name, JsonParser p) throws IOException;
  }

  private interface Element {
    void read() throws IOException;
  }

  private record Listed(MessageRef ref, List<String> labelIds) {}

  private static void root(byte[] bytes, Field field) {
    try (JsonParser p = Json.parser(bytes, 0, bytes.length)) {
      if (p.nextToken() != JsonToken.START_OBJECT) {
        throw malformed("something that is no JSON object.");
      }
      object(p, field);
    } catch (IOException e) {
      // The parser's message would quote the text.
      throw malformed("broken JSON.");
    }
  }

  private static void object(JsonParser p, Field field) throws IOException {
    while (p.nextToken() == JsonToken.FIELD_NAME) {
      String name = p.currentName();
      if (p.nextToken() != JsonToken.VALUE_NULL) {
        field.read(name, p);
      }
    }
    if (p.currentToken() != JsonToken.END_OBJECT) {
      throw malformed("JSON that is cut short.");
    }
  }

  /** Reads an array of objects. */
  private static void each(JsonParser p, Element element) throws IOException {
    if (p.currentToken() != JsonToken.START_ARRAY) {
      throw malformed("something else where an array should be.");
    }
    JsonToken t;
    while ((t = p.nextToken()) != JsonToken.END_ARRAY) {
      if (t != JsonToken.START_OBJECT) {
        throw malformed("something else where an object should be.");
      }
      element.read();
    }
  }

  /** The {@code message} within an entry of a history. */
  private static Listed changed(JsonParser p) throws IOException {
    Listed[] found = new Listed[1];
    object(
        p,
        (name, q) -> {
          if (name.equals("message") && q.currentToken() == JsonToken.START_OBJECT) {
            found[0] = message(q);
          } else {
            q.skipChildren();
          }
        });
    if (found[0] == null) {
      throw malformed("a change without its message.");
    }
    return found[0];
  }

  private static Listed message(JsonParser p) throws IOException {
    String[] found = new String[2];
    List<List<String>> labels = new ArrayList<>(1);
    object(
        p,
        (name, q) -> {
          switch (name) {
            case "id" -> found[0] = text(q);
            case "threadId" -> found[1] = text(q);
            case "labelIds" -> {
              List<String> texts = Json.texts(q);
              if (texts == null) {
                throw malformed("labels that are no list of texts.");
              }
              labels.add(texts);
            }
            default -> q.skipChildren();
          }
        });
    if (found[0] == null || found[0].isEmpty()) {
      throw malformed("a message without an id.");
    }
    String thread = found[1] == null || found[1].isEmpty() ? found[0] : found[1];
    return new Listed(
        new MessageRef(found[0], thread),
        labels.isEmpty() ? List.of() : labels.get(labels.size() - 1));
  }

  private static String text(JsonParser p) throws IOException {
    String text = Json.text(p);
    if (text == null) {
      throw malformed("something else where a text should be.");
    }
    return text;
  }

  private static String historyId(JsonParser p) throws IOException {
    String text = text(p);
    if (!Json.unsigned64(text)) {
      throw malformed("a historyId that is no number.");
    }
    return text;
  }

  /** Counts are for people only: one that is none does no harm. */
  private static long count(JsonParser p) throws IOException {
    String text = Json.text(p);
    Long number = text == null ? null : Json.clamped(text, 0, Long.MAX_VALUE);
    return number == null ? 0 : number;
  }

  private static String token(String text) {
    return text == null || text.isEmpty() ? null : text;
  }

  private static GoogleException malformed(String detail) {
    return new GoogleException(new Malformed(detail));
  }
}
