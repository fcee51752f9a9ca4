package io.millrace.chaos;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waiting for what must come, within a bound. */
final class Await {
  private static final long LOOK_EVERY_NANOS = 20_000_000;

  private Await() {}

  /** A condition that may fail on its way, since what it looks at may be down. */
  interface Condition {
    boolean holds() throws Exception;
  }

  /**
   * Waits until a condition holds.
   *
   * @param otherwise what to say if it does not
   * @return how long it took
   */
  static Duration until(Duration bound, Supplier<String> otherwise, Condition condition) {
    long began = System.nanoTime();
    while (true) {
      Exception failure = null;
      try {
        if (condition.holds()) {
          return Duration.ofNanos(System.nanoTime() - began);
        }
      } catch (Exception e) {
        failure = e;
      }
      if (System.nanoTime() - began > bound.toNanos()) {
        throw new AssertionError("not within " + bound + ": " + otherwise.get(), failure);
      }
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
  }

  /** Lets a disturbance last: the one thing here that is measured by time alone. */
  static void last(Duration duration) {
    long began = System.nanoTime();
    for (long left = duration.toNanos(); left > 0; ) {
      LockSupport.parkNanos(left);
      left = duration.toNanos() - (System.nanoTime() - began);
    }
  }
}
