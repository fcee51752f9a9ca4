package io.millrace.sim;

import java.util.List;

/** A short repeatable sequence of choices that belong together. One thread. */
final class Draw {
  private long state;

  Draw(long seed) {
    this.state = seed;
  }

  long next() {
    return Hash.mix(state++);
  }

  int below(int bound) {
    return Hash.below(next(), bound);
  }

  boolean chance(double probability) {
    return Hash.unit(next()) < probability;
  }

  <T> T pick(List<T> choices) {
    return choices.get(below(choices.size()));
  }

  /** Log-normal: sizes of mail are like this, most small and a few very large. */
  int size(double median, double sigma, int least, int most) {
    double normal = 0;
    for (int i = 0; i < 12; i++) {
      normal += Hash.unit(next());
    }
    double value = median * Math.exp(sigma * (normal - 6));
    return (int) Math.max(least, Math.min(most, value));
  }

  /** Letters of base64 that mean nothing, for signatures. */
  String letters(int length) {
    byte[] text = new byte[length];
    long bits = 0;
    for (int i = 0; i < length; i++) {
      if (i % 10 == 0) {
        bits = next();
      }
      text[i] = (byte) ALPHABET.charAt((int) bits & 63);
      bits >>>= 6;
    }
    return new String(text, java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}
