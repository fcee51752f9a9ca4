package io.millrace.store;

import java.util.Locale;

/** What becomes of runs that were due while nobody looked, or while their schedule was paused. */
public enum Misfire {
  /** They are passed over. */
  SKIP,
  /** One run makes up for all of them. */
  ONCE,
  /** Each is made up for, within a bound. */
  ALL;

  /** As it is written in the database and in the configuration. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The reverse of {@link #text}. */
  public static Misfire of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }
}
