package io.millrace.pipeline;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Turns bytes into text by the charset names that real mail carries.
 *
 * <p>Follows what browsers do (WHATWG Encoding Standard): a name often means the superset that the
 * sender's system really used, so iso-8859-1 is read as windows-1252 and gb2312 as GB18030.
 */
final class Charsets {
  private static final String GUESS = "?";
  private static final String UTF_7 = "utf-7";
  private static final int MAX_NAME = 60;

  private static final Map<String, String> ALIASES =
      Map.ofEntries(
          Map.entry("utf8", "utf-8"),
          Map.entry("utf-8mb4", "utf-8"),
          Map.entry("unicode-1-1-utf-8", "utf-8"),
          Map.entry("utf7", UTF_7),
          Map.entry("unicode-1-1-utf-7", UTF_7),
          Map.entry("x-unicode-2-0-utf-7", UTF_7),
          Map.entry("iso-8859-1", "windows-1252"),
          Map.entry("iso8859-1", "windows-1252"),
          Map.entry("iso-88591", "windows-1252"),
          Map.entry("iso-8859-1-i", "windows-1252"),
          Map.entry("latin1", "windows-1252"),
          Map.entry("latin-1", "windows-1252"),
          Map.entry("ansi", "windows-1252"),
          Map.entry("iso-8859-8-i", "iso-8859-8"),
          Map.entry("iso-8859-8-e", "iso-8859-8"),
          Map.entry("iso-8859-9", "windows-1254"),
          Map.entry("iso-8859-6-i", "iso-8859-6"),
          Map.entry("iso-8859-6-e", "iso-8859-6"),
          Map.entry("iso-8859-11", "x-windows-874"),
          Map.entry("tis-620", "x-windows-874"),
          Map.entry("windows-874", "x-windows-874"),
          Map.entry("gb2312", "gb18030"),
          Map.entry("gbk", "gb18030"),
          Map.entry("cp936", "gb18030"),
          Map.entry("x-gbk", "gb18030"),
          Map.entry("chinesebig5", "big5"),
          Map.entry("ks_c_5601-1987", "x-windows-949"),
          Map.entry("ks_c_5601", "x-windows-949"),
          Map.entry("ksc5601", "x-windows-949"),
          Map.entry("euc-kr", "x-windows-949"),
          Map.entry("shift_jis", "windows-31j"),
          Map.entry("shift-jis", "windows-31j"),
          Map.entry("x-sjis", "windows-31j"),
          Map.entry("sjis", "windows-31j"),
          Map.entry("x-mac-roman", "x-macroman"),
          Map.entry("macintosh", "x-macroman"),
          Map.entry("x-mac-cyrillic", "x-maccyrillic"),
          Map.entry("us-ascii", GUESS),
          Map.entry("ascii", GUESS),
          Map.entry("ansi_x3.4-1968", GUESS),
          Map.entry("7bit", GUESS),
          Map.entry("8bit", GUESS),
          Map.entry("x-unknown", GUESS),
          Map.entry("unknown", GUESS),
          Map.entry("unknown-8bit", GUESS),
          Map.entry("x-user-defined", GUESS),
          Map.entry("default", GUESS),
          Map.entry("none", GUESS),
          Map.entry("", GUESS));

  /** Java remembers only the last two. Holds no more names than Java knows. */
  private static final Map<String, Charset> FOUND = new ConcurrentHashMap<>();

  private static final Charset WINDOWS_1252 = Charset.forName("windows-1252");

  private Charsets() {}

  /**
   * Decodes bytes by a charset's name.
   *
   * @return null when the name is unknown; malformed bytes become U+FFFD
   */
  static String decode(byte[] bytes, String name) {
    String known = canonical(name);
    return switch (known) {
      case GUESS -> guess(bytes);
      case UTF_7 -> Utf7.decode(new String(bytes, StandardCharsets.ISO_8859_1));
      case "utf-8" -> new String(bytes, StandardCharsets.UTF_8);
      default -> {
        Charset charset = find(known);
        yield charset == null ? null : new String(bytes, charset);
      }
    };
  }

  /** UTF-8 if the bytes are that, or else windows-1252, in which all bytes mean something. */
  static String guess(byte[] bytes) {
    String utf8 = strictUtf8(bytes, bytes.length);
    return utf8 != null ? utf8 : new String(bytes, WINDOWS_1252);
  }

  /** The text if the first {@code length} bytes are well-formed UTF-8, or else null. */
  static String strictUtf8(byte[] bytes, int length) {
    String fast = new String(bytes, 0, length, StandardCharsets.UTF_8);
    if (fast.indexOf('\uFFFD') < 0) {
      return fast;
    }
    try {
      CharBuffer strict =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes, 0, length));
      return strict.toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** Lower-case, without quotes and without the language that RFC 2231 lets follow. */
  static String canonical(String name) {
    String plain = name == null ? "" : name;
    int star = plain.indexOf('*');
    plain = star < 0 ? plain : plain.substring(0, star);
    plain = plain.replace("\"", "").replace("'", "").trim().toLowerCase(Locale.ROOT);
    return ALIASES.getOrDefault(plain, plain);
  }

  private static Charset find(String name) {
    if (name.length() > MAX_NAME) {
      return null;
    }
    Charset charset = forName(name);
    if (charset == null && name.startsWith("cp-")) {
      charset = forName("cp" + name.substring(3));
    }
    if (charset == null && name.startsWith("x-")) {
      charset = forName(name.substring(2));
    }
    if (charset == null && name.startsWith("windows") && name.indexOf('-') < 0) {
      charset = forName("windows-" + name.substring("windows".length()));
    }
    return charset;
  }

  private static Charset forName(String name) {
    Charset known = FOUND.get(name);
    if (known != null) {
      return known;
    }
    try {
      Charset charset = Charset.forName(name);
      FOUND.put(name, charset);
      return charset;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
