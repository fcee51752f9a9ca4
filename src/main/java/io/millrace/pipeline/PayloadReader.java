package io.millrace.pipeline;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.millrace.pipeline.MessagePart.Header;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/**
 * Reads the JSON of Gmail's {@code payload} into parts.
 *
 * <p>Streaming, without recursion: depth costs no stack. What is broken costs only what comes after
 * it: the parts read before are kept. Body data is decoded where it lies in the input, since a
 * string of it would be four times the size. Not thread-safe; one reader a message.
 */
final class PayloadReader {
  private static final int MAX_PARTS = 10_000;
  private static final int MAX_HEADERS = 20_000;
  private static final int MAX_DEPTH = 100;
  private static final int MAX_STRING = 1 << 20;

  /** Enough bytes for all the text that is kept, or for the markup around it. */
  static final int MAX_BODY = 1 << 20;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
          .enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(1_000_000)
                  .maxStringLength(MAX_STRING)
                  .maxNumberLength(MAX_STRING)
                  .build())
          .build();

  private final byte[] payload;
  private final Flaws flaws;
  private final Deque<MessagePart> open = new ArrayDeque<>();
  private final MessagePart root = new MessagePart();
  private MessagePart deepest = root;
  private int parts;
  private int headers;

  private PayloadReader(byte[] payload, Flaws flaws) {
    this.payload = payload;
    this.flaws = flaws;
  }

  /** Total: a part, perhaps an empty one; flaws tell what was lost. */
  static MessagePart read(byte[] payload, Flaws flaws) {
    if (payload == null || payload.length == 0) {
      return new MessagePart();
    }
    PayloadReader reader = new PayloadReader(payload, flaws);
    if (!reader.tryRead() && Charsets.strictUtf8(payload, payload.length) == null) {
      flaws.add("payload-not-utf8");
      byte[] repaired =
          new String(payload, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
      reader = new PayloadReader(repaired, flaws);
      if (reader.tryRead()) {
        return reader.root;
      }
    }
    if (!reader.open.isEmpty()) {
      flaws.add("payload-malformed");
    }
    return reader.root;
  }

  /** Whether the payload could be read to its end. */
  private boolean tryRead() {
    open.push(root);
    try (JsonParser parser = JSON.createParser(payload)) {
      read(parser);
    } catch (IOException e) {
      return false;
    }
    return open.isEmpty();
  }

  private void read(JsonParser parser) throws IOException {
    JsonToken token = parser.nextToken();
    if (token == JsonToken.VALUE_NULL) {
      open.clear();
    }
    boolean object = token == JsonToken.START_OBJECT;
    while (object && !open.isEmpty() && (token = parser.nextToken()) != null) {
      switch (token) {
        case FIELD_NAME -> field(parser, open.peek());
        case START_OBJECT -> child(parser);
        case END_OBJECT -> open.pop();
        case END_ARRAY -> {}
        default -> {
          flaws.add("payload-type");
          parser.skipChildren();
        }
      }
    }
  }

  /** An object within {@code parts}. Parts beyond the depth become siblings. */
  private void child(JsonParser parser) throws IOException {
    if (++parts >= MAX_PARTS) {
      flaws.add("parts-cut");
      parser.skipChildren();
      return;
    }
    MessagePart child = new MessagePart();
    if (open.size() <= MAX_DEPTH) {
      deepest = open.peek();
    } else {
      flaws.add("parts-too-deep");
    }
    deepest.children.add(child);
    open.push(child);
  }

  private void field(JsonParser parser, MessagePart part) throws IOException {
    switch (parser.currentName()) {
      case "partId" -> part.partId = string(parser);
      case "mimeType" -> part.mimeType = string(parser).trim().toLowerCase(Locale.ROOT);
      case "filename" -> part.filename = string(parser);
      case "headers" -> {
        if (enter(parser, JsonToken.START_ARRAY)) {
          headers(parser, part);
        }
      }
      case "body" -> {
        if (enter(parser, JsonToken.START_OBJECT)) {
          body(parser, part);
        }
      }
      case "parts" -> enter(parser, JsonToken.START_ARRAY);
      default -> skip(parser);
    }
  }

  private void headers(JsonParser parser, MessagePart part) throws IOException {
    JsonToken token;
    while ((token = parser.nextToken()) != JsonToken.END_ARRAY && token != null) {
      if (token != JsonToken.START_OBJECT || ++headers > MAX_HEADERS) {
        flaws.add(token == JsonToken.START_OBJECT ? "headers-cut" : "payload-type");
        parser.skipChildren();
      } else {
        header(parser, part);
      }
    }
  }

  private void header(JsonParser parser, MessagePart part) throws IOException {
    String name = null;
    Header header = null;
    String value = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      switch (parser.currentName()) {
        case "name" -> {
          name = string(parser);
          header = Header.of(name);
        }
        case "value" -> {
          // Most headers are read by nobody; a name that comes late costs only this check.
          if (name != null && header == null) {
            skip(parser);
          } else {
            value = string(parser);
          }
        }
        default -> skip(parser);
      }
    }
    if (header != null && value != null) {
      part.add(header, value);
    }
  }

  private void body(JsonParser parser, MessagePart part) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      switch (parser.currentName()) {
        case "size" -> part.size = number(string(parser));
        case "attachmentId" -> part.attachmentId = string(parser);
        case "data" -> data(parser, part);
        default -> skip(parser);
      }
    }
  }

  private void data(JsonParser parser, MessagePart part) throws IOException {
    if (parser.nextToken() != JsonToken.VALUE_STRING) {
      if (parser.currentToken() != JsonToken.VALUE_NULL) {
        flaws.add("payload-type");
      }
      parser.skipChildren();
      return;
    }
    int from = stringStart(parser);
    int digits = from < 0 ? 0 : Base64Lenient.digits(payload, from);
    if (digits % 4 != 1
        && Base64Lenient.decodedLength(digits) <= MAX_BODY
        && endsAt(from + digits)) {
      part.dataIn(payload, from, digits);
      return;
    }
    Base64Lenient.Decoded decoded =
        from < 0
            ? Base64Lenient.decode(parser.getText())
            : Base64Lenient.decode(payload, from, stringEnd(from, payload.length), MAX_BODY);
    part.data(decoded.bytes(), decoded.cut());
    if (!decoded.sound()) {
      flaws.add("body-base64");
    }
  }

  /** Whether a string of base64 ends there, perhaps after its padding. */
  private boolean endsAt(int from) {
    int at = from;
    while (at >= 0 && at < payload.length && payload[at] == '=') {
      at++;
    }
    return at >= 0 && at < payload.length && payload[at] == '"';
  }

  /** Moves into the value of a field; false, with the value passed over, if it is another type. */
  private boolean enter(JsonParser parser, JsonToken wanted) throws IOException {
    JsonToken token = parser.nextToken();
    if (token == wanted) {
      return true;
    }
    if (token != JsonToken.VALUE_NULL) {
      flaws.add("payload-type");
    }
    parser.skipChildren();
    return false;
  }

  private static void skip(JsonParser parser) throws IOException {
    parser.nextToken();
    parser.skipChildren();
  }

  /** The next value as text, empty for null and for what is no scalar. */
  private String string(JsonParser parser) throws IOException {
    JsonToken token = parser.nextToken();
    if (token == JsonToken.VALUE_STRING) {
      return payload.length > MAX_STRING ? boundedString(parser) : parser.getText();
    }
    if (token != null && token.isScalarValue()) {
      return token == JsonToken.VALUE_NULL ? "" : parser.getText();
    }
    flaws.add("payload-type");
    parser.skipChildren();
    return "";
  }

  /**
   * Jackson gives up the whole document at a string that is too long; here only its end is lost.
   */
  private String boundedString(JsonParser parser) throws IOException {
    int from = stringStart(parser);
    if (from < 0 || stringEnd(from, from + MAX_STRING) < from + MAX_STRING) {
      return parser.getText();
    }
    flaws.add("header-cut");
    String cut = new String(payload, from, MAX_STRING - 16, StandardCharsets.UTF_8);
    int escape = cut.lastIndexOf('\\');
    if (escape >= cut.length() - 12) {
      cut = cut.substring(0, escape);
    }
    try (JsonParser inner = JSON.createParser('"' + cut + '"')) {
      return inner.nextToken() == JsonToken.VALUE_STRING ? inner.getText() : "";
    } catch (IOException e) {
      return cut;
    }
  }

  /** Where the current string's first character lies in the payload, or -1 if that is not known. */
  private int stringStart(JsonParser parser) {
    long quote = parser.currentTokenLocation().getByteOffset();
    boolean known = quote >= 0 && quote < payload.length && payload[(int) quote] == '"';
    return known ? (int) quote + 1 : -1;
  }

  private int stringEnd(int from, int limit) {
    int end = from;
    int max = Math.min(limit, payload.length);
    while (end < max && payload[end] != '"') {
      end += payload[end] == '\\' ? 2 : 1;
    }
    return Math.min(end, max);
  }

  private static long number(String text) {
    try {
      return text.length() > 18 ? 0 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
