package io.millrace.sim;

/** Turns seeds and names into numbers: every "random" choice of the simulator is one of these. */
final class Hash {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private Hash() {}

  /** Mixes all bits of one number (the finaliser of splitmix64). */
  static long mix(long value) {
    long z = value + GOLDEN;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  static long of(long a, long b) {
    return mix(mix(a) ^ b);
  }

  static long of(long a, long b, long c) {
    return mix(of(a, b) ^ c);
  }

  static long of(CharSequence text) {
    long hash = text.length();
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001B3L;
    }
    return mix(hash);
  }

  /** A number in [0, 1). */
  static double unit(long hash) {
    return (hash >>> 11) * 0x1.0p-53;
  }

  /** A number in [0, bound). */
  static int below(long hash, int bound) {
    return (int) (((hash >>> 33) * bound) >>> 31);
  }

  /** Sixteen hexadecimal digits, as Gmail writes its ids. */
  static String hex(long value) {
    byte[] digits = new byte[16];
    for (int i = 15; i >= 0; i--) {
      digits[i] = (byte) Character.forDigit((int) (value >>> (60 - 4 * i)) & 15, 16);
    }
    return new String(digits, java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  /** Reads what {@link #hex} wrote; 1 to 16 digits. Returns null for anything else. */
  static Long parseHex(String text) {
    if (text.isEmpty() || text.length() > 16) {
      return null;
    }
    long value = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = Character.digit(text.charAt(i), 16);
      if (digit < 0) {
        return null;
      }
      value = (value << 4) | digit;
    }
    return value;
  }
}
