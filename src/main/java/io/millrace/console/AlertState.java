package io.millrace.console;

import java.time.Duration;
import java.time.Instant;

/**
 * How one alert stands, and how it moves: it is raised when something has been beyond a threshold
 * for a while, and is over when it has been clearly below it for as long. What wavers about a
 * threshold is told once.
 *
 * <p>A way up that goes through both levels is told with the milder one first, as only that has
 * lasted; so is a way down. Pure: values and instants in, the next state out.
 *
 * @param since when it came to its level
 * @param pending the level that it comes to if this lasts; null if it stays
 * @param pendingSince null as well then
 */
record AlertState(Level level, Instant since, Level pending, Instant pendingSince) {
  /** From well to worst. */
  enum Level {
    OK("ok"),
    WARN("warn"),
    CRITICAL("critical");

    private final String word;

    Level(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }

    static Level of(String word) {
      for (Level level : values()) {
        if (level.word.equals(word)) {
          return level;
        }
      }
      throw new IllegalArgumentException("no level " + word);
    }
  }

  /** All is well since an instant. */
  static AlertState ok(Instant since) {
    return new AlertState(Level.OK, since, null, null);
  }

  /**
   * The state after a look.
   *
   * @param margin by which share below a threshold a value has to be to be over
   * @param hold how long it has to last
   */
  AlertState next(double value, Threshold threshold, double margin, Duration hold, Instant now) {
    Level aim = aim(value, threshold, margin);
    if (aim == level) {
      return new AlertState(level, since, null, null);
    }
    boolean up = aim.compareTo(level) > 0;
    boolean goesOn = pending != null && up == pending.compareTo(level) > 0;
    Level mildest = goesOn && aim.compareTo(pending) > 0 == up ? pending : aim;
    Instant from = goesOn ? pendingSince : now;
    return Duration.between(from, now).compareTo(hold) >= 0
        ? new AlertState(mildest, now, null, null)
        : new AlertState(level, since, mildest, from);
  }

  private Level aim(double value, Threshold threshold, double margin) {
    if (beyond(value, threshold.critical(), Level.CRITICAL, margin)) {
      return Level.CRITICAL;
    }
    return beyond(value, threshold.warn(), Level.WARN, margin) ? Level.WARN : Level.OK;
  }

  private boolean beyond(double value, double from, Level at, double margin) {
    return value > (level.compareTo(at) >= 0 ? from * (1 - margin) : from);
  }

  /** Whether nothing is wrong and nothing is about to be. */
  boolean quiet() {
    return level == Level.OK && pending == null;
  }
}
