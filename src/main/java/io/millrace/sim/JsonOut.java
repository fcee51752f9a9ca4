package io.millrace.sim;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Writes JSON straight into bytes. Answers are made at tens of thousands a second, so no tree is
 * built and no string is escaped twice. Commas are its own business. One thread.
 */
final class JsonOut {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder();

  private byte[] bytes;
  private int length;
  private boolean comma;

  JsonOut(int capacity) {
    this.bytes = new byte[capacity];
  }

  int length() {
    return length;
  }

  byte[] array() {
    return bytes;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** Forgets what was written after this length; a new value begins there. */
  JsonOut restart(int newLength) {
    length = newLength;
    comma = false;
    return this;
  }

  JsonOut object() {
    separate();
    put('{');
    comma = false;
    return this;
  }

  JsonOut end() {
    put('}');
    comma = true;
    return this;
  }

  JsonOut array(String name) {
    key(name);
    put('[');
    comma = false;
    return this;
  }

  JsonOut endArray() {
    put(']');
    comma = true;
    return this;
  }

  JsonOut object(String name) {
    key(name);
    put('{');
    comma = false;
    return this;
  }

  JsonOut field(String name, String value) {
    key(name);
    quoted(value);
    comma = true;
    return this;
  }

  JsonOut field(String name, long value) {
    key(name);
    ascii(Long.toString(value));
    comma = true;
    return this;
  }

  /** Gmail writes 64-bit numbers as strings. */
  JsonOut quotedField(String name, long value) {
    key(name);
    put('"');
    ascii(Long.toString(value));
    put('"');
    comma = true;
    return this;
  }

  JsonOut base64Field(String name, byte[] data) {
    key(name);
    byte[] encoded = BASE64URL.encode(data);
    reserve(encoded.length + 2);
    put('"');
    System.arraycopy(encoded, 0, bytes, length, encoded.length);
    length += encoded.length;
    put('"');
    comma = true;
    return this;
  }

  JsonOut value(String value) {
    separate();
    quoted(value);
    comma = true;
    return this;
  }

  /** Appends bytes that are not JSON of this writer, such as the lines of a multipart answer. */
  JsonOut raw(byte[] data, int count) {
    reserve(count);
    System.arraycopy(data, 0, bytes, length, count);
    length += count;
    return this;
  }

  JsonOut ascii(String text) {
    int count = text.length();
    reserve(count);
    for (int i = 0; i < count; i++) {
      bytes[length + i] = (byte) text.charAt(i);
    }
    length += count;
    return this;
  }

  private void key(String name) {
    separate();
    put('"');
    ascii(name);
    put('"');
    put(':');
    comma = false;
  }

  private void separate() {
    if (comma) {
      put(',');
      comma = false;
    }
  }

  private void quoted(String text) {
    int count = text.length();
    reserve(count * 6 + 2);
    byte[] out = bytes;
    int at = length;
    out[at++] = '"';
    for (int i = 0; i < count; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        i = wide(text, i);
        at = writeWide(out, at, text, i, c);
      } else if (c >= 0x20 && c != '"' && c != '\\') {
        out[at++] = (byte) c;
      } else {
        at = writeEscaped(out, at, c);
      }
    }
    out[at++] = '"';
    length = at;
  }

  /** The index of the last char of the code point that begins here. */
  private static int wide(String text, int i) {
    boolean pair =
        Character.isHighSurrogate(text.charAt(i))
            && i + 1 < text.length()
            && Character.isLowSurrogate(text.charAt(i + 1));
    return pair ? i + 1 : i;
  }

  private static int writeWide(byte[] out, int start, String text, int last, char first) {
    int at = start;
    char end = text.charAt(last);
    if (first < 0x800) {
      out[at++] = (byte) (0xC0 | (first >> 6));
      out[at++] = (byte) (0x80 | (first & 63));
    } else if (Character.isHighSurrogate(first) && Character.isLowSurrogate(end)) {
      int point = Character.toCodePoint(first, end);
      out[at++] = (byte) (0xF0 | (point >> 18));
      out[at++] = (byte) (0x80 | ((point >> 12) & 63));
      out[at++] = (byte) (0x80 | ((point >> 6) & 63));
      out[at++] = (byte) (0x80 | (point & 63));
    } else {
      int point = Character.isSurrogate(first) ? 0xFFFD : first;
      out[at++] = (byte) (0xE0 | (point >> 12));
      out[at++] = (byte) (0x80 | ((point >> 6) & 63));
      out[at++] = (byte) (0x80 | (point & 63));
    }
    return at;
  }

  private static int writeEscaped(byte[] out, int start, char c) {
    int at = start;
    out[at++] = '\\';
    switch (c) {
      case '"', '\\' -> out[at++] = (byte) c;
      case '\n' -> out[at++] = 'n';
      case '\r' -> out[at++] = 'r';
      case '\t' -> out[at++] = 't';
      default -> {
        out[at++] = 'u';
        out[at++] = '0';
        out[at++] = '0';
        out[at++] = HEX[c >> 4];
        out[at++] = HEX[c & 15];
      }
    }
    return at;
  }

  private void put(char c) {
    reserve(1);
    bytes[length++] = (byte) c;
  }

  private void reserve(int more) {
    if (more > bytes.length - length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
