package io.millrace.sim;

/**
 * A keyed one-to-one map of all 64-bit numbers. It makes ids out of positions and positions out of
 * ids, so that a mailbox of any size needs no table of its ids.
 */
record Permutation(long key) {
  private static final long C1 = 0xBF58476D1CE4E5B9L;
  private static final long C2 = 0x94D049BB133111EBL;
  private static final long INVERSE_1 = inverse(C1);
  private static final long INVERSE_2 = inverse(C2);

  long apply(long position) {
    long z = position ^ Hash.mix(key);
    z = (z ^ (z >>> 30)) * C1;
    z = (z ^ (z >>> 27)) * C2;
    return (z ^ (z >>> 31)) + Hash.mix(~key);
  }

  long invert(long id) {
    long z = unshift(id - Hash.mix(~key), 31) * INVERSE_2;
    z = unshift(z, 27) * INVERSE_1;
    return unshift(z, 30) ^ Hash.mix(key);
  }

  private static long unshift(long z, int shift) {
    long x = z;
    for (int known = shift; known < 64; known += shift) {
      x = z ^ (x >>> shift);
    }
    return x;
  }

  /** Newton's iteration modulo 2^64: each step doubles the number of right bits. */
  private static long inverse(long odd) {
    long x = odd;
    for (int i = 0; i < 6; i++) {
      x *= 2 - odd * x;
    }
    return x;
  }
}
