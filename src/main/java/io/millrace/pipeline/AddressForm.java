package io.millrace.pipeline;

import java.net.IDN;
import java.text.Normalizer;
import java.util.Locale;

/**
 * The one form of an address by which contacts are told apart.
 *
 * <p>Lower-case on both sides (a server may tell {@code Bob} from {@code bob}; in practice none
 * does), Unicode NFC, no trailing dots, international domains in Unicode whether they came so or as
 * {@code xn--}. Dots and {@code +tags} are kept: what they mean is each server's own affair, and
 * joining two people is worse than keeping one twice. Normalising twice changes nothing.
 */
final class AddressForm {
  private AddressForm() {}

  /** Total: the normalised form, or null when it is not an address at all. */
  static String normalize(String address) {
    if (address == null || address.length() > 4 * Address.MAX_ADDRESS) {
      return null;
    }
    String plain = strip(address);
    int at = plain.lastIndexOf('@');
    if (at <= 0) {
      return null;
    }
    String domain = domain(plain.substring(at + 1));
    String local = local(plain.substring(0, at));
    if (domain == null || local == null) {
      return null;
    }
    String whole = local + '@' + domain;
    return whole.length() <= Address.MAX_ADDRESS ? whole : null;
  }

  /**
   * Without white space at the ends and characters that cannot be seen (bidi marks, zero width).
   */
  private static String strip(String address) {
    StringBuilder out = null;
    for (int i = 0; i < address.length(); i++) {
      char c = address.charAt(i);
      boolean unseen = c >= 0x80 && Character.getType(c) == Character.FORMAT;
      if (unseen && out == null) {
        out = new StringBuilder(address.length()).append(address, 0, i);
      }
      if (out != null && !unseen) {
        out.append(c);
      }
    }
    return (out == null ? address : out.toString()).trim();
  }

  private static String local(String local) {
    String text = local;
    boolean quoted = local.length() >= 2 && local.startsWith("\"") && local.endsWith("\"");
    if (quoted) {
      text = unquote(local);
    }
    String folded = fold(text);
    boolean atom = !folded.isEmpty();
    for (int i = 0; i < folded.length(); i++) {
      char c = folded.charAt(i);
      if (c < ' ' || (c >= 0x7F && c <= 0x9F) || loneSurrogate(folded, i)) {
        return null;
      }
      atom &= !Clean.isSpace(c) && "\"(),:;<>@[]\\".indexOf(c) < 0;
    }
    if (atom) {
      return folded;
    }
    // Only quotes make the rest of the characters lawful.
    return quoted ? '"' + folded.replace("\\", "\\\\").replace("\"", "\\\"") + '"' : null;
  }

  private static String unquote(String quoted) {
    StringBuilder out = new StringBuilder(quoted.length());
    for (int i = 1; i < quoted.length() - 1; i++) {
      char c = quoted.charAt(i);
      if (c == '\\' && i + 1 < quoted.length() - 1) {
        c = quoted.charAt(++i);
      }
      out.append(c);
    }
    return out.toString();
  }

  private static String domain(String domain) {
    int end = domain.length();
    while (end > 0 && isDot(domain.charAt(end - 1))) {
      end--;
    }
    String plain = fold(domain.substring(0, end));
    if (plain.startsWith("[") && plain.endsWith("]") && plain.length() > 2) {
      return isLiteral(plain) ? plain : null;
    }
    StringBuilder out = new StringBuilder(plain.length());
    int label = 0;
    for (int i = 0; i <= plain.length(); i++) {
      if (i == plain.length() || isDot(plain.charAt(i))) {
        String form = label(plain.substring(label, i));
        if (form == null) {
          return null;
        }
        out.append(label == 0 ? "" : ".").append(form);
        label = i + 1;
      }
    }
    return out.toString();
  }

  private static String label(String label) {
    if (!isLabel(label)) {
      return null;
    }
    if (!label.startsWith("xn--")) {
      return label;
    }
    String unicode;
    try {
      unicode = fold(IDN.toUnicode(label, IDN.ALLOW_UNASSIGNED));
    } catch (RuntimeException e) {
      // Documented not to throw; older versions did on overlong labels.
      return label;
    }
    return isLabel(unicode) && !unicode.startsWith("xn--") ? unicode : label;
  }

  private static boolean isLabel(String label) {
    if (label.isEmpty()) {
      return false;
    }
    for (int i = 0; i < label.length(); ) {
      int c = label.codePointAt(i);
      boolean ascii = c < 0x80;
      boolean fits =
          ascii
              ? (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'
              : !Character.isSpaceChar(c) && !Character.isISOControl(c) && !isSurrogate(c);
      if (!fits || (c < 0x10000 && isDot((char) c))) {
        return false;
      }
      i += Character.charCount(c);
    }
    return true;
  }

  private static boolean isLiteral(String literal) {
    for (int i = 1; i < literal.length() - 1; i++) {
      char c = literal.charAt(i);
      if (Character.digit(c, 36) < 0 && c != '.' && c != ':' && c != '-') {
        return false;
      }
    }
    return true;
  }

  private static boolean isDot(char c) {
    return c == '.' || c == '\u3002' || c == '\uFF0E' || c == '\uFF61';
  }

  /** Lower-case and NFC; more than one round is needed where one undoes the other. */
  private static String fold(String text) {
    String before;
    String after = text;
    int rounds = 0;
    do {
      before = after;
      String lower = before.toLowerCase(Locale.ROOT);
      after = isAscii(lower) ? lower : Normalizer.normalize(lower, Normalizer.Form.NFC);
    } while (!after.equals(before) && ++rounds < 4);
    return after;
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSurrogate(int c) {
    return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
  }

  private static boolean loneSurrogate(String text, int at) {
    return isSurrogate(text.charAt(at))
        && isSurrogate(text.codePointAt(at))
        && !(at > 0 && Character.isSurrogatePair(text.charAt(at - 1), text.charAt(at)));
  }
}
