package io.millrace.engine;

/**
 * From which rank of a kind to look for work. While some session holds an old snapshot, the entries
 * of claimed jobs stay at the head of the index, and every claim that begins there reads them all
 * again. So claims begin where the last one found work, and the whole index is looked through only
 * as often as that costs at most a twentieth of the time, or when there is nothing else to do:
 * until then a job that came in below waits. Owned by the claimer; time is of a monotonic clock in
 * nanoseconds.
 */
final class LowWater {
  private static final int TIMES_AS_RARE = 20;

  private long low = Long.MIN_VALUE;
  private long wholeAt = Long.MIN_VALUE;

  /** The rank from which to look now; {@link Long#MIN_VALUE} for all. */
  long from(long now) {
    return now >= wholeAt ? Long.MIN_VALUE : low;
  }

  /**
   * A claim took as many jobs as it wanted.
   *
   * @param lowest the lowest rank that it took
   * @param from where it had begun
   */
  void full(long lowest, long from, long begun, long now) {
    low = lowest;
    if (from == Long.MIN_VALUE) {
      wholeAt = now + TIMES_AS_RARE * (now - begun);
    }
  }

  /** A claim found less than it wanted: the next one looks at all. */
  void ebbed() {
    wholeAt = Long.MIN_VALUE;
  }
}
