package io.millrace.pipeline;

/** UTF-7 (RFC 2152), which Java does not bring along and old Outlook wrote. */
final class Utf7 {
  private Utf7() {}

  /** Decodes text whose characters are the bytes; total: bits that make no character are lost. */
  static String decode(String bytes) {
    StringBuilder out = new StringBuilder(bytes.length());
    int i = 0;
    while (i < bytes.length()) {
      char c = bytes.charAt(i++);
      if (c != '+') {
        out.append(c);
        continue;
      }
      int start = i;
      int bits = 0;
      int count = 0;
      int digit;
      while (i < bytes.length() && (digit = digit(bytes.charAt(i))) >= 0) {
        bits = (bits << 6) | digit;
        count += 6;
        if (count >= 16) {
          count -= 16;
          out.append((char) (bits >>> count));
          bits &= (1 << count) - 1;
        }
        i++;
      }
      boolean closed = i < bytes.length() && bytes.charAt(i) == '-';
      if (i == start) {
        out.append('+');
      }
      i += closed ? 1 : 0;
    }
    return out.toString();
  }

  /** The hyphen ends a run here; only base64url has it as a digit. */
  private static int digit(char c) {
    return c == '-' || c == '_' ? -1 : Base64Lenient.digit(c);
  }
}
