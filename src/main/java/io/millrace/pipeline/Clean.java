package io.millrace.pipeline;

/**
 * Makes strings fit to be stored: PostgreSQL refuses NUL in text and lone surrogates in jsonb, and
 * control characters have no business in a console. All functions are total and linear.
 */
final class Clean {
  private static final char REPLACEMENT = '\uFFFD';

  private Clean() {}

  /**
   * Lets tabs and LF stand, drops other control characters, replaces lone surrogates and cuts.
   *
   * @param value may be null, which stays null
   * @param max characters to keep; a pair of surrogates is not cut apart
   */
  static String text(String value, int max) {
    if (value == null) {
      return null;
    }
    int sound = soundPrefix(value, max);
    if (sound == value.length()) {
      return value;
    }
    StringBuilder out = new StringBuilder(Math.min(value.length(), max));
    out.append(value, 0, sound);
    for (int i = sound; i < value.length() && out.length() < max; i++) {
      char c = value.charAt(i);
      if (Character.isHighSurrogate(c)
          && i + 1 < value.length()
          && Character.isLowSurrogate(value.charAt(i + 1))) {
        if (out.length() + 2 > max) {
          break;
        }
        out.append(c).append(value.charAt(++i));
      } else if (Character.isSurrogate(c)) {
        out.append(REPLACEMENT);
      } else if (!dropped(c)) {
        out.append(c);
      }
    }
    return out.toString();
  }

  /** As {@link #text}, but on one line: runs of white space become one space, ends are trimmed. */
  static String line(String value, int max) {
    if (value == null) {
      return null;
    }
    StringBuilder out = null;
    boolean gap = true;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean space = isSpace(c);
      boolean lost = !space && dropped(c);
      if (out == null && (lost || (space && (gap || c != ' ')))) {
        out = new StringBuilder(value.length()).append(value, 0, i);
      }
      if (lost) {
        continue;
      }
      if (out != null && !(space && gap)) {
        out.append(space ? ' ' : c);
      }
      gap = space;
    }
    String collapsed = out == null ? value : out.toString();
    return text(collapsed, max).trim();
  }

  static String orEmpty(String value) {
    return value == null ? "" : value;
  }

  /** White space as people see it; line and paragraph separators and no-break spaces included. */
  static boolean isSpace(char c) {
    if (c < 128) {
      return c == ' ' || (c >= '\t' && c <= '\r');
    }
    return c == '\u0085' || c == '\u00A0' || (c >= '\u2000' && Character.isSpaceChar(c));
  }

  static boolean isBlank(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (!isSpace(value.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * As {@link #text}, but for text of many lines: line ends of every kind become LF. Works on an
   * array, since bodies are where the time goes.
   */
  static String lines(String value, int max) {
    char[] chars = value.toCharArray();
    int length = 0;
    boolean changed = false;
    boolean pairs = false;
    for (int i = 0; i < chars.length && length <= max; i++) {
      char c = chars[i];
      if (isPlain(c)) {
        chars[length++] = c;
      } else if (isLineEnd(c)) {
        // Of CR and LF the LF alone is kept, when its turn comes.
        if (c != '\r' || i + 1 == chars.length || chars[i + 1] != '\n') {
          chars[length++] = '\n';
          changed = true;
        }
      } else if (!dropped(c)) {
        pairs |= Character.isSurrogate(c);
        chars[length++] = c;
      }
    }
    String kept = length == chars.length && !changed ? value : new String(chars, 0, length);
    return pairs || length > max ? text(kept, max) : kept;
  }

  /** What nearly all text consists of, and what nothing has to be done about. */
  private static boolean isPlain(char c) {
    if (c < 0x7F) {
      return c >= ' ' || c == '\n';
    }
    return c >= 0xA0 && c < Character.MIN_SURROGATE && c != '\u2028' && c != '\u2029';
  }

  private static boolean isLineEnd(char c) {
    return c == '\r' || c == '\u0085' || c == '\u2028' || c == '\u2029';
  }

  private static int soundPrefix(String value, int max) {
    int end = Math.min(value.length(), max);
    for (int i = 0; i < end; i++) {
      char c = value.charAt(i);
      boolean plain = c >= ' ' && c < 0x7F;
      if (!plain && (dropped(c) || Character.isSurrogate(c))) {
        return i;
      }
    }
    return end;
  }

  private static boolean dropped(char c) {
    return c < ' ' ? c != '\n' && c != '\t' : c >= 0x7F && c <= 0x9F;
  }
}
