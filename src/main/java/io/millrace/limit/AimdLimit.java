package io.millrace.limit;

/**
 * How many requests of one user may be in flight where the server says plainly when there are too
 * many: additive increase, multiplicative decrease, as TCP's congestion avoidance does it (Chiu and
 * Jain, 1989).
 *
 * <p>The window is what was in flight together: a refusal halves the limit only if its request was
 * sent after the last halving, so that the refusals of one window count once. One more is allowed
 * when as many requests as the limit have been answered without a refusal while the limit was used;
 * a limit that nobody reaches says nothing and does not grow.
 *
 * <p>Pure: instants are nanoseconds of one monotonic clock. Not thread-safe.
 */
public final class AimdLimit {
  /** The brief's figures for the parts that one user has in flight. */
  static final int INITIAL = 4;

  static final int MAX = 25;

  private final int max;
  private int limit;
  private int answered;
  private boolean halved;
  private long halvedAt;

  /** From 4, between 1 and 25. */
  public AimdLimit() {
    this(INITIAL, MAX);
  }

  /**
   * @param initial the limit to begin with, at least 1
   * @param max the highest, at least {@code initial}
   */
  public AimdLimit(int initial, int max) {
    this.limit = initial;
    this.max = max;
  }

  /** The limit in force, at least 1. */
  public int limit() {
    return limit;
  }

  /**
   * Takes in an answer.
   *
   * @param refused whether the server found too many requests in flight
   * @param inFlight how many were when it came, it included
   * @param sent when its request was written
   * @return the limit from here on
   */
  public int sample(boolean refused, int inFlight, long sent, long now) {
    if (refused) {
      answered = 0;
      if (!halved || sent - halvedAt >= 0) {
        limit = Math.max(1, limit / 2);
        halved = true;
        halvedAt = now;
      }
    } else if (inFlight >= limit && ++answered >= limit) {
      limit = Math.min(max, limit + 1);
      answered = 0;
    }
    return limit;
  }
}
