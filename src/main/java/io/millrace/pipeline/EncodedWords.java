package io.millrace.pipeline;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Encoded words of RFC 2047 in header values.
 *
 * <p>Unlike the letter of the RFC, and like the mail programs that people use: words may stand
 * anywhere, may be too long, may hold spaces, and the bytes of neighbours in one charset are joined
 * before they are decoded, since many senders cut characters in two.
 */
final class EncodedWords {
  private static final int MAX_CHARSET = 60;

  private EncodedWords() {}

  private record Word(String charset, boolean base64, int textFrom, int textTo, int end) {}

  /** Total; an unknown charset leaves the word as it is and adds a flaw. */
  static String decode(String value, Flaws flaws) {
    String raw = repair8Bit(value, flaws);
    int at = raw.indexOf("=?");
    if (at < 0) {
      return raw;
    }
    StringBuilder out = new StringBuilder(raw.length());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    String charset = null;
    int runFrom = 0;
    int done = 0;
    while (at >= 0) {
      Word word = at(raw, at);
      if (word == null) {
        at = raw.indexOf("=?", at + 2);
        continue;
      }
      boolean adjacent = charset != null && Clean.isBlank(raw.substring(done, at));
      if (!adjacent || !charset.equals(word.charset)) {
        flush(out, bytes, charset, raw, runFrom, done, flaws);
        runFrom = at;
        if (!adjacent) {
          out.append(raw, done, at);
        }
      }
      charset = word.charset;
      bytes.writeBytes(bytesOf(raw, word, flaws));
      done = word.end;
      at = raw.indexOf("=?", done);
    }
    flush(out, bytes, charset, raw, runFrom, done, flaws);
    return out.append(raw, done, raw.length()).toString();
  }

  /** Where the encoded word that begins at {@code from} ends, or -1 if none begins there. */
  static int end(String raw, int from) {
    Word word = raw.startsWith("=?", from) ? at(raw, from) : null;
    return word == null ? -1 : word.end;
  }

  private static Word at(String raw, int from) {
    int name = from + 2;
    int text = textOf(raw, from);
    if (text < 0) {
      return null;
    }
    char encoding = raw.charAt(text - 2);
    int close = -1;
    for (int i = text; i + 1 < raw.length() && close < 0; i++) {
      char c = raw.charAt(i);
      if (c == '?' && raw.charAt(i + 1) == '=') {
        close = i;
      } else if (c == '=' && raw.charAt(i + 1) == '?' && textOf(raw, i) >= 0) {
        // Never closed before the next one begins. This also keeps the whole scan linear.
        return null;
      }
    }
    if (close < 0) {
      return null;
    }
    String charset = raw.substring(name, text - 3).toLowerCase(Locale.ROOT);
    return new Word(charset, encoding == 'B' || encoding == 'b', text, close, close + 2);
  }

  /** Where the text begins of an encoded word that starts at {@code from}; -1 if none starts. */
  private static int textOf(String raw, int from) {
    int limit = Math.min(raw.length(), from + 2 + MAX_CHARSET);
    int i = from + 2;
    while (i < limit && raw.charAt(i) != '?') {
      if (Clean.isSpace(raw.charAt(i)) || raw.charAt(i) == '=') {
        return -1;
      }
      i++;
    }
    boolean starts =
        i > from + 2
            && i + 2 < raw.length()
            && raw.charAt(i) == '?'
            && "bBqQ".indexOf(raw.charAt(i + 1)) >= 0
            && raw.charAt(i + 2) == '?';
    return starts ? i + 3 : -1;
  }

  private static void flush(
      StringBuilder out,
      ByteArrayOutputStream bytes,
      String charset,
      String raw,
      int from,
      int to,
      Flaws flaws) {
    if (charset == null) {
      return;
    }
    String text = Charsets.decode(bytes.toByteArray(), charset);
    if (text == null) {
      flaws.add("charset-unknown:" + Charsets.canonical(charset));
      out.append(raw, from, to);
    } else {
      out.append(text);
    }
    bytes.reset();
  }

  private static byte[] bytesOf(String raw, Word word, Flaws flaws) {
    String text = raw.substring(word.textFrom, word.textTo);
    if (word.base64) {
      Base64Lenient.Decoded decoded = Base64Lenient.decode(text);
      if (!decoded.sound()) {
        flaws.add("encoded-word-broken");
      }
      return decoded.bytes();
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      int c = text.codePointAt(i);
      int octet = c == '=' ? octet(text, i + 1) : -1;
      if (octet >= 0) {
        out.write(octet);
        i += 2;
      } else if (c < 128) {
        out.write(c == '_' ? ' ' : c);
      } else {
        // Not allowed here; right at least when the word's charset is UTF-8.
        out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
        i += Character.charCount(c) - 1;
      }
    }
    return out.toByteArray();
  }

  /** The byte that two hex digits at {@code at} mean, or -1. */
  static int octet(String text, int at) {
    if (at + 2 > text.length()) {
      return -1;
    }
    int high = Character.digit(text.charAt(at), 16);
    int low = Character.digit(text.charAt(at + 1), 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  /**
   * Raw UTF-8 in a header is often handed on with each byte as one Latin-1 character. Text that
   * happens to be well-formed UTF-8 in this way, and is meant otherwise, does not occur in
   * practice.
   */
  static String repair8Bit(String value, Flaws flaws) {
    boolean high = false;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c > 0xFF) {
        return value;
      }
      high |= c >= 0x80;
    }
    if (!high) {
      return value;
    }
    byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
    String repaired = Charsets.strictUtf8(bytes, bytes.length);
    if (repaired == null) {
      return value;
    }
    flaws.add("header-8bit");
    return repaired;
  }
}
