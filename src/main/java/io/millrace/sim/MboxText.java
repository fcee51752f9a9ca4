package io.millrace.sim;

import java.io.ByteArrayOutputStream;

/** Undoes what an mbox does to a message. */
final class MboxText {
  private MboxText() {}

  /**
   * The message as it was sent: one ">" less before each escaped "From ", lines that end in CRLF,
   * and without the empty line that only separates it from the next.
   */
  static byte[] message(byte[] stored) {
    int length = stored.length;
    length -= length > 1 && stored[length - 1] == '\n' ? empty(stored, length) : 0;
    ByteArrayOutputStream out = new ByteArrayOutputStream(length + length / 32 + 16);
    int from = 0;
    while (from < length) {
      int end = from;
      while (end < length && stored[end] != '\n') {
        end++;
      }
      int start = escaped(stored, from, end) ? from + 1 : from;
      boolean carriage = end > start && end < length && stored[end - 1] == '\r';
      out.write(stored, start, (carriage ? end - 1 : end) - start);
      if (end < length) {
        out.write('\r');
        out.write('\n');
      }
      from = end + 1;
    }
    return out.toByteArray();
  }

  /** The bytes of an empty line that ends the text, after the end of another line. */
  private static int empty(byte[] text, int length) {
    int line = length >= 2 && text[length - 2] == '\r' ? 2 : 1;
    return length > line && text[length - line - 1] == '\n' ? line : 0;
  }

  private static boolean escaped(byte[] text, int from, int end) {
    int at = from;
    while (at < end && text[at] == '>') {
      at++;
    }
    return at > from
        && end - at >= 5
        && text[at] == 'F'
        && text[at + 1] == 'r'
        && text[at + 2] == 'o'
        && text[at + 3] == 'm'
        && text[at + 4] == ' ';
  }
}
