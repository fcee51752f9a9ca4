package io.millrace.google;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.List;

/**
 * Reads one message out of an answer. The payload is not parsed but cut out and deflated as it
 * stands. Of a key that comes twice the later counts.
 */
final class MessageJson {
  /** 4713-11-24 BC and 294276-12-31: what a PostgreSQL timestamp can hold. */
  private static final long EARLIEST = -210_866_803_200_000L;

  private static final long LATEST = 9_224_318_015_999L;
  private static final byte[] NONE = {};

  private final byte[] bytes;
  private final int base;

  private String id;
  private String threadId;
  private List<String> labelIds = List.of();
  private String snippet = "";
  private String historyId;
  private long internalDate;
  private int sizeEstimate;
  private int payloadFrom;
  private int payloadTo;

  /** The first thing found wrong, or null. */
  private String problem;

  private int from;
  private int to;

  private MessageJson(byte[] bytes, int base) {
    this.bytes = bytes;
    this.base = base;
  }

  /**
   * Reads the object at whose start the parser stands, to its end, even if something in it is
   * wrong.
   *
   * @param base where in {@code bytes} the parser began
   * @throws IOException if it is not JSON
   */
  static MessageJson read(JsonParser p, byte[] bytes, int base) throws IOException {
    MessageJson message = new MessageJson(bytes, base);
    message.object(p);
    return message;
  }

  /** What is wrong with it, or null if {@link #data} may be asked for. */
  String problem() {
    return problem;
  }

  /** The id as it stands there; null if there is none. */
  String id() {
    return id;
  }

  /** The offset in the bytes just behind the object. */
  int end() {
    return to;
  }

  MessageData data(MessageFormat format, PayloadDeflater deflater) {
    byte[] payload =
        payloadTo > payloadFrom
            ? deflater.deflate(bytes, payloadFrom, payloadTo - payloadFrom)
            : NONE;
    return new MessageData(
        id,
        threadId == null || threadId.isEmpty() ? id : threadId,
        labelIds,
        snippet,
        historyId,
        internalDate,
        sizeEstimate,
        payload,
        format,
        false,
        to - from);
  }

  private void object(JsonParser p) throws IOException {
    from = base + (int) p.currentTokenLocation().getByteOffset();
    while (p.nextToken() == JsonToken.FIELD_NAME) {
      String name = p.currentName();
      JsonToken value = p.nextToken();
      if (value == JsonToken.VALUE_NULL) {
        continue;
      }
      field(name, p);
    }
    to = base + (int) p.currentLocation().getByteOffset();
    if (problem == null && (id == null || id.isEmpty())) {
      problem = "a message without an id.";
    }
    if (to <= from || bytes[from] != '{' || bytes[to - 1] != '}') {
      // Offsets are only true for UTF-8, which is the only encoding that Google uses.
      problem = "JSON that is not UTF-8.";
    }
  }

  private void field(String name, JsonParser p) throws IOException {
    switch (name) {
      case "id" -> id = sound(name, Json.text(p), id);
      case "threadId" -> threadId = sound(name, Json.text(p), threadId);
      case "labelIds" -> labelIds = sound(name, Json.texts(p), labelIds);
      case "snippet" -> snippet = sound(name, Json.text(p), snippet);
      case "historyId" -> {
        String text = sound(name, Json.text(p), historyId);
        if (text != null && !Json.unsigned64(text)) {
          problem = "a historyId that is no number.";
        } else {
          historyId = text;
        }
      }
      case "internalDate" -> internalDate = number(name, p, EARLIEST, LATEST);
      case "sizeEstimate" -> sizeEstimate = (int) number(name, p, 0, Integer.MAX_VALUE);
      case "payload" -> payload(p);
      default -> p.skipChildren();
    }
  }

  private void payload(JsonParser p) throws IOException {
    if (p.currentToken() != JsonToken.START_OBJECT) {
      p.skipChildren();
      problem = "a payload that is no object.";
      return;
    }
    payloadFrom = base + (int) p.currentTokenLocation().getByteOffset();
    p.skipChildren();
    payloadTo = base + (int) p.currentLocation().getByteOffset();
  }

  private long number(String name, JsonParser p, long least, long most) throws IOException {
    String text =
        p.currentToken() == JsonToken.VALUE_NUMBER_FLOAT
            ? Long.toString((long) p.getDoubleValue())
            : Json.text(p);
    Long number = text == null ? null : Json.clamped(text, least, most);
    return sound(name, number, 0L);
  }

  private <T> T sound(String name, T value, T otherwise) {
    if (value == null) {
      problem = "a message whose " + name + " is of a wrong type.";
      return otherwise;
    }
    return value;
  }
}
