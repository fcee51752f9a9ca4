package io.millrace.pipeline;

import java.util.Arrays;

/**
 * Base64 as it comes: both alphabets at once, padding or none, anything else passed over. Total.
 */
final class Base64Lenient {
  private static final byte[] DIGITS = new byte[256];

  static {
    Arrays.fill(DIGITS, (byte) -1);
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < alphabet.length(); i++) {
      DIGITS[alphabet.charAt(i)] = (byte) i;
    }
    DIGITS['-'] = DIGITS['+'];
    DIGITS['_'] = DIGITS['/'];
  }

  private Base64Lenient() {}

  /**
   * Bytes as far as they could be decoded.
   *
   * @param bytes never null
   * @param sound whether nothing had to be passed over
   * @param cut whether the input held more than was asked for
   */
  @SuppressWarnings("ArrayRecordComponent") // A result that is taken apart at once.
  record Decoded(byte[] bytes, boolean sound, boolean cut) {}

  /** The value of a character, or -1 if it is none of base64's. */
  static int digit(int c) {
    return c >= 0 && c < DIGITS.length ? DIGITS[c] : -1;
  }

  /** How many digits of base64 stand there one after the other. */
  static int digits(byte[] in, int from) {
    int i = from;
    // The sign of four at once: looking is what most bodies cost.
    while (i + 4 <= in.length
        && (DIGITS[in[i] & 0xFF]
                | DIGITS[in[i + 1] & 0xFF]
                | DIGITS[in[i + 2] & 0xFF]
                | DIGITS[in[i + 3] & 0xFF])
            >= 0) {
      i += 4;
    }
    while (i < in.length && DIGITS[in[i] & 0xFF] >= 0) {
      i++;
    }
    return i - from;
  }

  /** How many bytes so many digits hold. */
  static int decodedLength(int digits) {
    return (int) (digits * 3L / 4);
  }

  /** Decodes where nothing but digits stands: into an array that fits, without a second look. */
  static byte[] decodeSound(byte[] in, int from, int digits) {
    byte[] out = new byte[decodedLength(digits)];
    int whole = from + (digits & ~3);
    int length = 0;
    for (int i = from; i < whole; i += 4) {
      int four =
          DIGITS[in[i] & 0xFF] << 18
              | DIGITS[in[i + 1] & 0xFF] << 12
              | DIGITS[in[i + 2] & 0xFF] << 6
              | DIGITS[in[i + 3] & 0xFF];
      out[length] = (byte) (four >>> 16);
      out[length + 1] = (byte) (four >>> 8);
      out[length + 2] = (byte) four;
      length += 3;
    }
    int bits = 0;
    for (int i = whole; i < from + digits; i++) {
      bits = bits << 6 | DIGITS[in[i] & 0xFF];
    }
    int rest = 6 * (digits & 3);
    while (length < out.length) {
      rest -= 8;
      out[length++] = (byte) (bits >>> rest);
    }
    return out;
  }

  static Decoded decode(String text) {
    byte[] ascii = new byte[text.length()];
    for (int i = 0; i < ascii.length; i++) {
      char c = text.charAt(i);
      ascii[i] = c < 128 ? (byte) c : (byte) '!';
    }
    return decode(ascii, 0, ascii.length, Integer.MAX_VALUE);
  }

  /**
   * Decodes where the text lies, without a copy. Backslash escapes of JSON are understood as far as
   * they can occur in base64: {@code \\u003d} for the padding that Google escapes.
   *
   * @param max bytes to return at the most
   */
  static Decoded decode(byte[] in, int from, int to, int max) {
    byte[] out = new byte[(int) Math.min(max, (to - from) * 3L / 4 + 3)];
    int length = 0;
    int bits = 0;
    int count = 0;
    boolean sound = true;
    boolean cut = false;
    for (int i = from; i < to; i++) {
      // Nearly all of it goes four to three.
      while (count == 0 && i + 4 <= to && length + 3 <= out.length) {
        int four =
            DIGITS[in[i] & 0xFF] << 18
                | DIGITS[in[i + 1] & 0xFF] << 12
                | DIGITS[in[i + 2] & 0xFF] << 6
                | DIGITS[in[i + 3] & 0xFF];
        if (four < 0) {
          break;
        }
        out[length] = (byte) (four >>> 16);
        out[length + 1] = (byte) (four >>> 8);
        out[length + 2] = (byte) four;
        length += 3;
        i += 4;
      }
      if (i == to) {
        break;
      }
      int c = in[i];
      int digit = digit(c);
      if (digit >= 0) {
        bits = (bits << 6) | digit;
        count += 6;
        if (count >= 8) {
          if (length == out.length) {
            cut = true;
            break;
          }
          count -= 8;
          out[length++] = (byte) (bits >>> count);
          bits &= (1 << count) - 1;
        }
      } else if (c == '\\' && i + 1 < to) {
        // After "\\u003d" four hex digits would pass for base64.
        i += in[i + 1] == 'u' ? 5 : 1;
      } else if (c == '=') {
        // Padding within: two encoded pieces were joined; a new quantum starts.
        bits = 0;
        count = 0;
      } else if (c != '\r' && c != '\n' && c != ' ' && c != '\t') {
        sound = false;
      }
    }
    // Six bits left over are a character too many or one that was lost.
    sound &= count != 6 || cut;
    return new Decoded(length == out.length ? out : Arrays.copyOf(out, length), sound, cut);
  }
}
