package io.millrace.google;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Reading of JSON as Google sends it, or as it should not. */
final class Json {
  /** A mail may nest parts deeply, but not so. */
  static final int DEEPEST = 500;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  // The answer as a whole is bounded already.
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          // The names come from outside: no shared table of them that grows.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .build();

  private Json() {}

  static JsonParser parser(byte[] bytes, int offset, int length) throws IOException {
    return FACTORY.createParser(bytes, offset, length);
  }

  /** A string or a number as text without NUL; null if it is null or of another type. */
  static String text(JsonParser p) throws IOException {
    return switch (p.currentToken()) {
      case VALUE_STRING -> {
        String s = p.getText();
        yield s.indexOf(0) < 0 ? s : s.replace("\0", "");
      }
      case VALUE_NUMBER_INT -> p.getText();
      default -> {
        p.skipChildren();
        yield null;
      }
    };
  }

  /** An array of texts; null if it is of another type or holds something else. */
  static List<String> texts(JsonParser p) throws IOException {
    if (p.currentToken() != JsonToken.START_ARRAY) {
      p.skipChildren();
      return null;
    }
    List<String> list = new ArrayList<>(4);
    boolean sound = true;
    JsonToken t;
    while ((t = p.nextToken()) != JsonToken.END_ARRAY && t != null) {
      if (t == JsonToken.VALUE_NULL) {
        continue;
      }
      String text = text(p);
      if (text == null) {
        sound = false;
      } else {
        list.add(text);
      }
    }
    return sound ? List.copyOf(list) : null;
  }

  /** Whether the text is a number that fits into 64 unsigned bits. */
  static boolean unsigned64(String text) {
    if (text.isEmpty() || text.length() > 20) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return text.length() < 20 || new BigInteger(text).bitLength() <= 64;
  }

  /** A whole number of any length, brought within bounds; null if the text is none. */
  static Long clamped(String text, long least, long most) {
    int from = text.startsWith("-") ? 1 : 0;
    if (text.length() == from || text.length() > 1000) {
      return null;
    }
    for (int i = from; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return null;
      }
    }
    if (text.length() > 19) {
      BigInteger big = new BigInteger(text);
      if (big.bitLength() > 63) {
        return big.signum() < 0 ? least : most;
      }
    }
    return Math.max(least, Math.min(most, Long.parseLong(text)));
  }
}
