package io.millrace.limit;

/**
 * One limit per minute and what is known of it: the bucket that keeps to it, the share of it that
 * is really there, and the reserve that only interactive calls may touch. Not thread-safe.
 */
final class Allowance {
  /** No call costs more, so what remains of the burst beside the reserve has to be as much. */
  private static final long LARGEST_CALL = 40;

  private static final long WATCH = 100;
  private static final long LEAST_BURST = 50;

  private final Bucket bucket;
  private final Pace pace;
  private final long limit;
  private final long burst;
  private final long reserve;
  private final long windowNanos;
  private double weight = 1;
  private int announced = 100;
  private long askedAt;
  private long lastMark = Long.MIN_VALUE;
  private long sharedUntil = Long.MIN_VALUE / 2;

  Allowance(long limit, long windowNanos, long jitterNanos) {
    this.limit = limit;
    this.windowNanos = windowNanos;
    this.burst = burst(limit);
    this.reserve = reserve(burst);
    this.bucket = new Bucket(limit, windowNanos, jitterNanos, burst);
    this.pace = new Pace(limit, windowNanos);
  }

  /** A hundredth is lost with it: enough for the gap between two pages, and for a watch. */
  private static long burst(long limit) {
    long second = Math.min(WATCH, Math.max(LEAST_BURST, limit / 60));
    return Math.max(1, Math.min(limit - 1, Math.max(limit / 100, second)));
  }

  private static long reserve(long burst) {
    return Math.max(0, Math.min(burst / 5, burst - LARGEST_CALL));
  }

  /** The least limit under which a call of so many units, at least 1, is ever granted. */
  static long leastLimit(long units) {
    long low = units;
    long high = 200 * units;
    while (low < high) {
      long middle = (low + high) / 2;
      boolean enough = burst(middle) - reserve(burst(middle)) >= units;
      low = enough ? low : middle + 1;
      high = enough ? middle : high;
    }
    return low;
  }

  long burst() {
    return burst;
  }

  double weight() {
    return weight;
  }

  void weight(double value) {
    weight = Math.max(1, value);
  }

  /** Somebody asked for it. */
  void asked(long now) {
    askedAt = now;
  }

  /**
   * Whether nobody asked for two windows and all of the limit is there: then it can be made anew.
   */
  boolean idle(long now) {
    return now - askedAt > 2 * windowNanos && pace.share(now) >= 1;
  }

  Bucket bucket() {
    return bucket;
  }

  /** Units that a call may have now. */
  long available(boolean urgent, long now) {
    return bucket.available(held(urgent), now);
  }

  /** When a call of so many units could be made at the earliest. */
  long notBefore(long units, boolean urgent, long now) {
    long most = Math.min(units, burst);
    return bucket.notBefore(most, Math.min(held(urgent), burst - most), now);
  }

  /** Takes a slice of the timeline, see {@link Bucket#extend}. */
  void extend(long from, long until, long mark, long untilMark, long now) {
    if (mark != lastMark && from > now) {
      sharedUntil = now + windowNanos;
    }
    lastMark = untilMark;
    bucket.extend(from, until, mark, untilMark);
    pace.lease(from, until);
  }

  /** Whether other processes were seen to lease from it within the last window. */
  boolean shared(long now) {
    return sharedUntil - now > 0;
  }

  /** The shortest slice that is worth its while: any call fits in, and little of it is lost. */
  long leastSliceNanos() {
    return 2 * Math.min(WATCH, burst) * bucket.nanosPerUnit();
  }

  void spend(long units, long now) {
    bucket.spend(units, now);
    pace.spend(units, now);
  }

  /**
   * Whether so little is left that it has to be divided fairly. Among processes that take turns, a
   * good part of the burst is the others' turns.
   */
  boolean scarce(long now) {
    return bucket.earned(now) < bucket.burstNanos() / (shared(now) ? 8 : 2);
  }

  /** How long it takes to earn units. */
  long nanos(double units) {
    return (long) Math.min((double) windowNanos, units * (double) bucket.nanosPerUnit());
  }

  /** How long to wait for a turn after so many units of others, when there are many who wait. */
  long turnNanos(double units) {
    return Math.max(bucket.burstNanos() / 64, nanos(units));
  }

  /** Takes account of how late requests may be, and of who else spends. */
  void adjust(long jitterNanos, long now) {
    bucket.rate(jitterNanos, pace.share(now));
  }

  /**
   * A call was refused for the minute's quota.
   *
   * @return whether another client must be spending, and this was not yet known
   */
  boolean refused(long jitterNanos, long now) {
    boolean headroom = pace.headroom(now);
    if (!pace.refused(now)) {
      return false;
    }
    adjust(jitterNanos, now);
    long room = pace.roomAt(now);
    bucket.rest(room);
    // Who rests has left to the other what it could have spent.
    pace.lease(now, room);
    return headroom;
  }

  /** Calls were forbidden up to an instant; from there on it begins gently. */
  void reenter(long at, long jitterNanos, long now) {
    pace.reenter(at);
    adjust(jitterNanos, now);
  }

  /** The share in percent if it is notably another than the one announced last; -1 otherwise. */
  int news(long now) {
    int percent = (int) Math.round(100 * pace.share(now));
    boolean notable = Math.abs(percent - announced) >= 5 || (percent == 100 && announced < 100);
    if (!notable) {
      return -1;
    }
    announced = percent;
    return percent;
  }

  int announced() {
    return announced;
  }

  long limit() {
    return limit;
  }

  private long held(boolean urgent) {
    return urgent ? 0 : reserve;
  }
}
