package io.millrace.engine;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.store.NewJob;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What holds for the payload of any kind, known or not: a JSON object of at most 5 MiB that
 * PostgreSQL can hold. Pure.
 */
final class PayloadShape {
  private PayloadShape() {}

  /**
   * @param thorough whether to parse it; not needed where it is read as a record anyway
   * @throws PayloadException if it cannot be stored
   */
  static void check(String kind, String json, boolean thorough) {
    if (json == null) {
      throw new PayloadException(kind, "$", "there is none; a JSON object is expected");
    }
    long bytes = utf8Length(kind, json);
    if (bytes > NewJob.MAX_PAYLOAD_BYTES) {
      throw new PayloadException(
          kind,
          "$",
          "it has %d bytes in UTF-8; at most %d are allowed"
              .formatted(bytes, NewJob.MAX_PAYLOAD_BYTES));
    }
    // Only an escape can smuggle in what the text itself cannot hold.
    if (thorough || json.contains("\\u")) {
      walk(kind, json);
    }
  }

  private static long utf8Length(String kind, String json) {
    long bytes = 0;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c < 0x80) {
        bytes++;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (!Character.isSurrogate(c)) {
        bytes += 3;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < json.length()
          && Character.isLowSurrogate(json.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else {
        throw new PayloadException(
            kind, "$", "half a surrogate pair at character " + i + "; it is not valid Unicode");
      }
    }
    return bytes;
  }

  private static void walk(String kind, String json) {
    try (JsonParser parser = StrictJson.STRICT.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new PayloadException(kind, "$", "it is not a JSON object");
      }
      int depth = 1;
      while (depth > 0) {
        JsonToken token = parser.nextToken();
        if (token == null) {
          throw new PayloadException(kind, "$", "it is not JSON: it ends too early");
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        if (token == JsonToken.VALUE_STRING || token == JsonToken.FIELD_NAME) {
          text(kind, parser, parser.getText());
        }
      }
      if (parser.nextToken() != null) {
        throw new PayloadException(kind, "$", "it is not JSON: something follows the object");
      }
    } catch (JsonProcessingException e) {
      throw new PayloadException(
          kind,
          "$",
          "it is not JSON: " + ErrorRecord.words(e.getOriginalMessage()) + at(e.getLocation()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void text(String kind, JsonParser parser, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < text.length()
              && Character.isLowSurrogate(text.charAt(i + 1));
      if (c == 0 || (Character.isSurrogate(c) && !pair)) {
        throw new PayloadException(
            kind,
            PayloadPath.ofPointer(parser.getParsingContext().pathAsPointer().toString()),
            c == 0
                ? "a NUL character, which PostgreSQL cannot hold"
                : "half a surrogate pair, which is not valid Unicode");
      }
      i += pair ? 1 : 0;
    }
  }

  private static String at(com.fasterxml.jackson.core.JsonLocation location) {
    return location == null
        ? ""
        : " at line %d, column %d".formatted(location.getLineNr(), location.getColumnNr());
  }
}
