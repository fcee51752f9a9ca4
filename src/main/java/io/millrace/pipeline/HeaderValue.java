package io.millrace.pipeline;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A header value with parameters, such as Content-Type: the word before the first semicolon,
 * lower-case, and the parameters by lower-case name, quotes removed.
 */
record HeaderValue(String word, Map<String, String> parameters) {
  private static final HeaderValue NONE = new HeaderValue("", Map.of());
  private static final int MAX_PARAMETERS = 100;
  private static final int MAX_SECTIONS = 100;

  /** Total; the first of two parameters with one name counts. Null gives an empty value. */
  static HeaderValue parse(String value) {
    if (value == null) {
      return NONE;
    }
    int semicolon = value.indexOf(';');
    String word = semicolon < 0 ? value : value.substring(0, semicolon);
    Map<String, String> parameters = new HashMap<>();
    int at = semicolon < 0 ? value.length() : semicolon + 1;
    while (at < value.length() && parameters.size() < MAX_PARAMETERS) {
      at = parameter(value, at, parameters);
    }
    return new HeaderValue(Clean.line(word, 255).toLowerCase(Locale.ROOT), parameters);
  }

  private static int parameter(String value, int from, Map<String, String> parameters) {
    int at = from;
    while (at < value.length() && value.charAt(at) != '=' && value.charAt(at) != ';') {
      at++;
    }
    if (at >= value.length() || value.charAt(at) == ';') {
      return at + 1;
    }
    String name = value.substring(from, at).trim().toLowerCase(Locale.ROOT);
    at++;
    while (at < value.length() && Clean.isSpace(value.charAt(at))) {
      at++;
    }
    StringBuilder text = new StringBuilder();
    boolean quoted = at < value.length() && value.charAt(at) == '"';
    if (quoted) {
      at++;
      while (at < value.length() && value.charAt(at) != '"') {
        // A backslash before anything but a quote or itself is Windows' path, not an escape.
        boolean escape =
            value.charAt(at) == '\\'
                && at + 1 < value.length()
                && "\"\\".indexOf(value.charAt(at + 1)) >= 0;
        at += escape ? 1 : 0;
        text.append(value.charAt(at++));
      }
      int end = value.indexOf(';', Math.min(at, value.length()));
      at = end < 0 ? value.length() : end;
    } else {
      while (at < value.length() && value.charAt(at) != ';') {
        text.append(value.charAt(at++));
      }
    }
    if (!name.isEmpty()) {
      parameters.putIfAbsent(name, quoted ? text.toString() : text.toString().trim());
    }
    return at + 1;
  }

  /**
   * A parameter's text in whichever of the ways it was encoded: RFC 2231 with charset, in sections,
   * or both; or, against the rules but common, as encoded words.
   *
   * @return null when there is no such parameter
   */
  String text(String name, Flaws flaws) {
    if (parameters.isEmpty()) {
      return null;
    }
    String whole = parameters.get(name + "*");
    if (whole != null) {
      return extended(whole, flaws);
    }
    if (parameters.containsKey(name + "*0") || parameters.containsKey(name + "*0*")) {
      return sections(name, flaws);
    }
    String plain = parameters.get(name);
    return plain == null ? null : EncodedWords.decode(plain, flaws);
  }

  private String sections(String name, Flaws flaws) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    String charset = "utf-8";
    for (int i = 0; i < MAX_SECTIONS; i++) {
      String plain = parameters.get(name + "*" + i);
      String encoded = parameters.get(name + "*" + i + "*");
      if (encoded != null) {
        int begin = i == 0 ? textBegin(encoded) : 0;
        charset = begin > 0 ? encoded.substring(0, encoded.indexOf('\'')) : charset;
        unescape(encoded.substring(begin), bytes);
      } else if (plain != null) {
        bytes.writeBytes(plain.getBytes(StandardCharsets.UTF_8));
      } else {
        break;
      }
    }
    String joined = decode(bytes.toByteArray(), charset, flaws);
    return EncodedWords.decode(joined, flaws);
  }

  private static String extended(String value, Flaws flaws) {
    int begin = textBegin(value);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    unescape(value.substring(begin), bytes);
    String charset = begin == 0 ? "utf-8" : value.substring(0, value.indexOf('\''));
    return decode(bytes.toByteArray(), charset, flaws);
  }

  private static String decode(byte[] bytes, String charset, Flaws flaws) {
    String text = Charsets.decode(bytes, charset);
    if (text != null) {
      return text;
    }
    flaws.add("charset-unknown:" + Charsets.canonical(charset));
    return Charsets.guess(bytes);
  }

  /** After the second apostrophe of {@code charset'language'text}, or 0 without them. */
  private static int textBegin(String value) {
    int first = value.indexOf('\'');
    int second = first < 0 ? -1 : value.indexOf('\'', first + 1);
    return second < 0 ? 0 : second + 1;
  }

  private static void unescape(String value, ByteArrayOutputStream out) {
    for (int i = 0; i < value.length(); i++) {
      int octet = value.charAt(i) == '%' ? EncodedWords.octet(value, i + 1) : -1;
      if (octet >= 0) {
        out.write(octet);
        i += 2;
      } else {
        int c = value.codePointAt(i);
        out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
        i += Character.charCount(c) - 1;
      }
    }
  }
}
