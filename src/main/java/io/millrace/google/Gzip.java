package io.millrace.google;

import io.millrace.google.GoogleFailure.Malformed;
import io.millrace.google.GoogleFailure.TooLarge;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Inflates a whole gzip text into one array, never beyond a bound. */
final class Gzip {
  private static final int TRAILER = 8;

  private Gzip() {}

  static boolean looksLike(byte[] bytes) {
    return bytes.length >= 2 && bytes[0] == 0x1f && bytes[1] == (byte) 0x8b;
  }

  /**
   * Inflates the whole.
   *
   * @param limit the most bytes that may come out
   * @throws GoogleException {@link TooLarge} beyond it, {@link Malformed} when it is no gzip, cut
   *     short or corrupt
   */
  static byte[] inflate(byte[] bytes, long limit) {
    int at = header(bytes);
    // The trailer says how long the text is, modulo 2^32. It is a hint only; what deflate can do at
    // its best bounds it.
    long hint = bytes.length >= at + TRAILER ? le32(bytes, bytes.length - 4) : 0;
    hint = Math.min(Math.min(hint, 1032L * bytes.length), limit);
    byte[] out = new byte[(int) Math.min(Math.max(hint, 512), Integer.MAX_VALUE - 16)];
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(bytes, at, bytes.length - at);
      int length = 0;
      while (!inflater.finished()) {
        if (length == out.length) {
          if (length >= limit) {
            // Whether it ends exactly here is seen by asking for one byte more.
            if (inflater.inflate(new byte[1]) > 0 || !inflater.finished()) {
              throw new GoogleException(new TooLarge(limit));
            }
            break;
          }
          out = Arrays.copyOf(out, (int) Math.min(Math.max(2L * length, 512), limit));
        }
        int n = inflater.inflate(out, length, out.length - length);
        if (n == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          throw malformed("its gzip is cut short.");
        }
        length += n;
      }
      check(bytes, bytes.length - inflater.getRemaining(), out, length);
      return length == out.length ? out : Arrays.copyOf(out, length);
    } catch (DataFormatException e) {
      throw malformed("its gzip is corrupt.");
    } finally {
      inflater.end();
    }
  }

  private static void check(byte[] bytes, int at, byte[] out, int length) {
    if (bytes.length < at + TRAILER) {
      throw malformed("its gzip is cut short.");
    }
    CRC32 crc = new CRC32();
    crc.update(out, 0, length);
    if (crc.getValue() != le32(bytes, at) || (length & 0xffffffffL) != le32(bytes, at + 4)) {
      throw malformed("its gzip is corrupt.");
    }
  }

  /** The offset of the deflated text. */
  private static int header(byte[] b) {
    if (!looksLike(b) || b.length < 18 || b[2] != 8) {
      throw malformed("it should be gzip and is not.");
    }
    int flags = b[3];
    int at = 10;
    if ((flags & 4) != 0) {
      at += 2 + (b[10] & 0xff) + ((b[11] & 0xff) << 8);
    }
    // A name and a comment, each ended by a zero.
    for (int flag = 8; flag <= 16; flag <<= 1) {
      if ((flags & flag) != 0) {
        while (at < b.length && b[at] != 0) {
          at++;
        }
        at++;
      }
    }
    if ((flags & 2) != 0) {
      at += 2;
    }
    if (at >= b.length) {
      throw malformed("its gzip is cut short.");
    }
    return at;
  }

  private static long le32(byte[] b, int at) {
    return (b[at] & 0xffL)
        | (b[at + 1] & 0xffL) << 8
        | (b[at + 2] & 0xffL) << 16
        | (b[at + 3] & 0xffL) << 24;
  }

  private static GoogleException malformed(String detail) {
    return new GoogleException(new Malformed(detail));
  }
}
