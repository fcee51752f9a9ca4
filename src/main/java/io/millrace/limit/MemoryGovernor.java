package io.millrace.limit;

import java.util.List;
import java.util.Locale;

/**
 * Decides by how much to take on less as memory fills: by backpressure, never by forcing a
 * collection.
 *
 * <p>A level is entered when its threshold is passed and left only a twentieth below it, so that a
 * share that wavers about a threshold changes nothing. At the critical level the factor is 0, and
 * whoever multiplies by it keeps to <em>at least one</em>: how much is live is known only after a
 * collection, which comes only while something runs. Stopped altogether, the process would wait for
 * ever.
 *
 * <p>Pure: no clock, no readings of its own. Not thread-safe.
 */
public final class MemoryGovernor {
  /** How full memory is, and the part of the usual load that is taken on then. */
  public enum Level {
    /** All is well. */
    NORMAL(1),
    /** Claim less, hold less. */
    SHED(0.5),
    /** Claim far less. */
    WARN(0.25),
    /** Only what keeps things moving. */
    CRITICAL(0);

    private final double factor;

    Level(double factor) {
      this.factor = factor;
    }

    /** By what to multiply free slots and bytes, 0 to 1; never to less than one of them. */
    public double factor() {
      return factor;
    }

    /** As a person reads it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How far below its threshold a level is left. */
  static final double MARGIN = 0.05;

  private static final List<Level> LEVELS = List.of(Level.values());

  private final double[] thresholds;
  private int at;

  /** Begins at the normal level. */
  public MemoryGovernor(MemorySettings settings) {
    this.thresholds = new double[] {0, settings.shed(), settings.warn(), settings.critical()};
  }

  /** The level in force. */
  public Level level() {
    return LEVELS.get(at);
  }

  /**
   * Takes in how full memory is.
   *
   * @param share 0 to about 1
   * @return the level from here on
   */
  public Level sample(double share) {
    while (at + 1 < LEVELS.size() && share > thresholds[at + 1]) {
      at++;
    }
    while (at > 0 && share <= thresholds[at] - MARGIN) {
      at--;
    }
    return level();
  }
}
