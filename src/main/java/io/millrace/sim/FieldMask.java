package io.millrace.sim;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A partial response: the {@code fields} parameter, such as {@code messages(id,threadId)} or {@code
 * payload/headers}. A mask without children keeps everything below it.
 */
record FieldMask(Map<String, FieldMask> children) {
  private static final JsonFactory JSON = new JsonFactory();
  private static final FieldMask ALL = new FieldMask(Map.of());

  /** A client sends the same few masks all the time. */
  private static final int REMEMBERED = 200;

  private static final Map<String, FieldMask> KNOWN = new ConcurrentHashMap<>();

  /** The mask of a parameter; throws 400 when its parentheses do not match. */
  static FieldMask parse(String fields) {
    FieldMask known = KNOWN.get(fields);
    if (known == null) {
      known = read(fields);
      if (KNOWN.size() < REMEMBERED) {
        KNOWN.put(fields, known);
      }
    }
    return known;
  }

  private static FieldMask read(String fields) {
    Scanner scanner = new Scanner(fields);
    FieldMask mask = scanner.list(0);
    if (scanner.at < fields.length()) {
      throw scanner.invalid();
    }
    return mask;
  }

  /** Whether it keeps each of these fields whole, so that nothing needs to be cut. */
  boolean keeps(List<String> names) {
    for (String name : names) {
      FieldMask child = child(name);
      if (child == null || !child.children.isEmpty()) {
        return false;
      }
    }
    return true;
  }

  /** The JSON with only the fields that are wanted. */
  byte[] cut(byte[] json, int from, int length) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(length);
    try (JsonParser parser = JSON.createParser(json, from, length);
        JsonGenerator generator = JSON.createGenerator(out)) {
      parser.nextToken();
      copy(parser, generator, this);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private FieldMask child(String name) {
    if (children.isEmpty()) {
      return ALL;
    }
    FieldMask child = children.get(name);
    return child != null ? child : children.get("*");
  }

  private static void copy(JsonParser parser, JsonGenerator out, FieldMask mask)
      throws IOException {
    if (mask.children.isEmpty() || parser.currentToken().isScalarValue()) {
      out.copyCurrentStructure(parser);
    } else if (parser.currentToken() == JsonToken.START_ARRAY) {
      out.writeStartArray();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        copy(parser, out, mask);
      }
      out.writeEndArray();
    } else {
      out.writeStartObject();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        FieldMask child = mask.child(name);
        parser.nextToken();
        if (child == null) {
          parser.skipChildren();
        } else {
          out.writeFieldName(name);
          copy(parser, out, child);
        }
      }
      out.writeEndObject();
    }
  }

  private static final class Scanner {
    private static final int DEEPEST = 20;
    private final String text;
    private int at;

    Scanner(String text) {
      this.text = text;
    }

    FieldMask list(int depth) {
      Map<String, FieldMask> children = new HashMap<>();
      if (depth > DEEPEST) {
        throw invalid();
      }
      do {
        item(children, depth);
      } while (take(','));
      return new FieldMask(children);
    }

    private void item(Map<String, FieldMask> children, int depth) {
      int from = at;
      while (at < text.length() && "(),/".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      String name = text.substring(from, at).strip();
      if (name.isEmpty()) {
        throw invalid();
      }
      FieldMask below = ALL;
      if (take('/')) {
        Map<String, FieldMask> single = new HashMap<>();
        item(single, depth + 1);
        below = new FieldMask(single);
      } else if (take('(')) {
        below = list(depth + 1);
        if (!take(')')) {
          throw invalid();
        }
      }
      children.merge(name, below, FieldMask::join);
    }

    private boolean take(char c) {
      boolean there = at < text.length() && text.charAt(at) == c;
      at += there ? 1 : 0;
      return there;
    }

    ApiException invalid() {
      return new ApiException(GoogleError.badRequest("Invalid field selection " + text));
    }
  }

  private static FieldMask join(FieldMask a, FieldMask b) {
    if (a.children.isEmpty() || b.children.isEmpty()) {
      return ALL;
    }
    Map<String, FieldMask> both = new HashMap<>(a.children);
    b.children.forEach((name, mask) -> both.merge(name, mask, FieldMask::join));
    return new FieldMask(both);
  }
}
