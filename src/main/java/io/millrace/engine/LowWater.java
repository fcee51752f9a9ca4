package io.millrace.engine;

/**
 * From which rank of a kind to look for work. While some session holds an old snapshot, the entries
 * of claimed jobs stay at the head of the index, and every claim that begins there reads them all
 * again. So claims begin where the last full one found work, and the whole index is looked through
 * only as often as that costs at most a twentieth of the time. Fair ranks only grow, so what comes
 * in below is what has priority over the rest, or was locked by somebody: until the next whole look
 * it waits, for milliseconds as long as nobody holds a snapshot. Owned by the claimer; time is of a
 * monotonic clock in nanoseconds.
 */
final class LowWater {
  private static final int TIMES_AS_RARE = 20;

  /** A claim may be slow for other reasons: a stall of seconds must not hide jobs for minutes. */
  private static final long MOST_NS = 5_000_000_000L;

  private long low = Long.MIN_VALUE;
  private long wholeAt;
  private boolean begun;

  /** The rank from which to look now; {@link Long#MIN_VALUE} for all. */
  long from(long now) {
    return !begun || now - wholeAt >= 0 ? Long.MIN_VALUE : low;
  }

  /**
   * A claim has come back.
   *
   * @param from where it had begun
   * @param took how long it took
   */
  void looked(long from, long took, long now) {
    if (from == Long.MIN_VALUE) {
      begun = true;
      wholeAt = now + Math.min(MOST_NS, TIMES_AS_RARE * took);
    }
  }

  /** It found as much as it wanted, and this was the lowest rank. */
  void full(long lowest) {
    low = lowest;
  }

  /** For how long, in nanoseconds, a look at all is not due; 0 or less if it is. */
  long rest(long now) {
    return begun ? wholeAt - now : 0;
  }
}
