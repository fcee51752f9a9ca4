package io.millrace.limit;

import java.time.Duration;

/**
 * How many things to handle at once, 10 to 50: small batches when things fail, large ones before
 * the queue needs them.
 *
 * <p>What the queue will be is read from its trend: Holt's linear method (double exponential
 * smoothing, 1957) keeps a level and a slope, and the batch is made for the queue as it is expected
 * in half a minute, {@code level + slope · 30 s}, a tenth of that queue at a time. So a queue that
 * is still short but grows by ten a second gets large batches now, and one that is long but falls
 * fast gets smaller ones before it is empty. Errors go first: more than 15 % of a batch failed
 * halves the size, and it grows again only by batches in which fewer than 5 % failed.
 *
 * <p>Pure: instants are nanoseconds of one monotonic clock. Not thread-safe.
 */
public final class BatchSize {
  private static final double HORIZON_SECONDS = 30;
  private static final double BATCHES = 10;
  private static final double LEVEL_SHARE = 0.5;
  private static final double SLOPE_SHARE = 0.3;
  private static final double HIGH = 0.15;
  private static final double LOW = 0.05;
  private static final int STEP = 5;

  /** Looks closer together than this are taken as so far apart: noise is no trend. */
  private static final long LEAST_NANOS = Duration.ofMillis(100).toNanos();

  private final int min;
  private final int max;
  private int size;
  private boolean seen;
  private double level;
  private double slope;
  private long last;

  /** Between 10 and 50. */
  public BatchSize() {
    this(10, 50);
  }

  /**
   * @param min the smallest batch, at least 1
   * @param max the largest, at least {@code min}
   */
  public BatchSize(int min, int max) {
    this.min = min;
    this.max = max;
    this.size = min;
  }

  /** The size in force. */
  public int size() {
    return size;
  }

  /** How long the queue is expected to be in half a minute, at least 0. */
  public double expected() {
    return Math.max(0, level + slope * HORIZON_SECONDS);
  }

  /**
   * Takes in a batch that has ended.
   *
   * @param queued how many things wait now
   * @param failed the share of the batch that failed, 0 to 1
   * @return the size of the next one
   */
  public int sample(long queued, double failed, long now) {
    follow(queued, now);
    if (failed > HIGH) {
      size = Math.max(min, size / 2);
      return size;
    }
    int wanted = (int) Math.max(min, Math.min(max, Math.ceil(expected() / BATCHES)));
    if (wanted < size) {
      size = Math.max(wanted, size - STEP);
    } else if (failed < LOW) {
      size = Math.min(wanted, size + STEP);
    }
    return size;
  }

  private void follow(long queued, long now) {
    if (!seen) {
      seen = true;
      level = queued;
      last = now;
      return;
    }
    double seconds = Math.max(now - last, LEAST_NANOS) / 1e9;
    double before = level;
    level = LEVEL_SHARE * queued + (1 - LEVEL_SHARE) * (level + slope * seconds);
    slope += SLOPE_SHARE * ((level - before) / seconds - slope);
    last = now;
  }
}
