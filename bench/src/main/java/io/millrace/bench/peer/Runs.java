package io.millrace.bench.peer;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/** Which jobs of a round have begun to run, and when. Thread-safe. */
final class Runs {
  /** One round's. */
  private record Round(
      int expected, AtomicInteger left, CountDownLatch all, AtomicLongArray begun) {}

  private volatile Round round = new Round(0, new AtomicInteger(), new CountDownLatch(0), null);

  /** Forgets the last round; of the next, this many jobs are expected. */
  void expect(int jobs, boolean timed) {
    round =
        new Round(
            jobs,
            new AtomicInteger(jobs),
            new CountDownLatch(1),
            timed ? new AtomicLongArray(jobs) : null);
  }

  /** A job began; a second run of it counts again, but its time is the first's. */
  void began(int number) {
    Round now = round;
    if (now.begun() != null) {
      now.begun().compareAndSet(number, 0, System.nanoTime());
    }
    if (now.left().decrementAndGet() == 0) {
      now.all().countDown();
    }
  }

  /** How many runs have begun. */
  int count() {
    Round now = round;
    return now.expected() - now.left().get();
  }

  /** Completes when as many runs have begun as were expected. */
  CountDownLatch all() {
    return round.all();
  }

  /** When each job of a timed round began, by the nano clock; 0 if it did not. */
  AtomicLongArray begun() {
    return round.begun();
  }
}
