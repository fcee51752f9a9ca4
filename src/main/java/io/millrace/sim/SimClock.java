package io.millrace.sim;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * Time as the simulator sees it: durations are divided by the scale, instants on the wire are real.
 *
 * @param nanos a clock that never goes back, for windows and token life
 * @param wall the real time, for deadlines that are written out
 */
record SimClock(LongSupplier nanos, InstantSource wall, double scale) {
  static SimClock system(double scale) {
    return new SimClock(System::nanoTime, InstantSource.system(), scale);
  }

  long now() {
    return nanos.getAsLong();
  }

  /** So many seconds of Google's, in nanoseconds of ours. */
  long span(double seconds) {
    return Math.max(1, (long) (seconds * 1e9 / scale));
  }

  /** So many milliseconds of Google's, in milliseconds of ours. */
  long millis(double ofGoogle) {
    return Math.max(1, Math.round(ofGoogle / scale));
  }
}
