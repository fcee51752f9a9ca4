package io.millrace.google;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.google.GoogleFailure.Malformed;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads listings, profiles and threads. What cannot be understood in them makes the whole page
 * malformed: a page that is read in part would lose ids.
 */
final class Pages {
  /** The end of the year 9999: what the database can hold is beyond it. */
  private static final long LATEST_MS = 253_402_300_799_999L;

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

  static Watch watch(byte[] bytes) {
    String[] found = new String[2];
    root(
        bytes,
        (name, p) -> {
          switch (name) {
            case "historyId" -> found[0] = historyId(p);
            case "expiration" -> found[1] = text(p);
            default -> p.skipChildren();
          }
        });
    Long expires = found[1] == null ? null : Json.clamped(found[1], 0, LATEST_MS);
    if (found[0] == null || expires == null) {
      throw malformed("a watch without historyId or expiration.");
    }
    return new Watch(found[0], Instant.ofEpochMilli(expires));
  }

  static List<String> labelIds(byte[] bytes) {
    List<String> ids = new ArrayList<>();
    root(
        bytes,
        (name, p) -> {
          if (name.equals("labels")) {
            each(
                p,
                () ->
                    object(
                        p,
                        (field, q) -> {
                          if (field.equals("id")) {
                            ids.add(text(q));
                          } else {
                            q.skipChildren();
                          }
                        }));
          } else {
            p.skipChildren();
          }
        });
    return List.copyOf(ids);
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

  interface Field {
    void read(String name, JsonParser p) throws IOException;
  }

  interface Element {
    void read() throws IOException;
  }

  /**
   * A message as listings and histories name it.
   *
   * @param labelIds null if they were not told
   */
  record Listed(MessageRef ref, List<String> labelIds) {}

  static void root(byte[] bytes, Field field) {
    try (JsonParser p = Json.parser(bytes, 0, bytes.length)) {
      if (p.nextToken() != JsonToken.START_OBJECT) {
        throw malformed("something that is no JSON object.");
      }
      object(p, field);
    } catch (IOException e) {
      // The parser's message would quote the text.
      throw malformed(
          bytes.length > 0 && bytes[0] == '<' ? "HTML instead of JSON." : "broken JSON.");
    }
  }

  static void object(JsonParser p, Field field) throws IOException {
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
  static void each(JsonParser p, Element element) throws IOException {
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

  /** A message where one should be; null if something else stands there. */
  static Listed messageOrNull(JsonParser p) throws IOException {
    if (p.currentToken() == JsonToken.START_OBJECT) {
      return message(p);
    }
    p.skipChildren();
    return null;
  }

  static List<String> labels(JsonParser p) throws IOException {
    List<String> texts = Json.texts(p);
    if (texts == null) {
      throw malformed("labels that are no list of texts.");
    }
    return texts;
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
            case "labelIds" -> labels.add(labels(q));
            default -> q.skipChildren();
          }
        });
    if (found[0] == null || found[0].isEmpty()) {
      throw malformed("a message without an id.");
    }
    String thread = found[1] == null || found[1].isEmpty() ? found[0] : found[1];
    return new Listed(
        new MessageRef(found[0], thread), labels.isEmpty() ? null : labels.get(labels.size() - 1));
  }

  static String text(JsonParser p) throws IOException {
    String text = Json.text(p);
    if (text == null) {
      throw malformed("something else where a text should be.");
    }
    return text;
  }

  static String historyId(JsonParser p) throws IOException {
    String text = text(p);
    if (!Json.unsigned64(text)) {
      throw malformed("a historyId that is no number.");
    }
    return text.replaceFirst("^0+(?=.)", "");
  }

  /** Counts are for people only: one that is none does no harm. */
  private static long count(JsonParser p) throws IOException {
    String text = Json.text(p);
    Long number = text == null ? null : Json.clamped(text, 0, Long.MAX_VALUE);
    return number == null ? 0 : number;
  }

  static String token(String text) {
    return text == null || text.isEmpty() ? null : text;
  }

  static GoogleException malformed(String detail) {
    return new GoogleException(new Malformed(detail));
  }
}
