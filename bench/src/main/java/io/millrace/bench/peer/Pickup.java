package io.millrace.bench.peer;

import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Enqueues single jobs at a fixed rate, whether or not the system keeps up, and tells how long each
 * waited from the call that enqueued it until its handler began.
 */
final class Pickup {
  /** Threads for systems whose enqueue blocks: so many that the rate does not depend on it. */
  private static final int CALLERS = 48;

  private static final long PATIENCE_SECONDS = 60;

  private Pickup() {}

  /** In milliseconds; not a number for jobs that did not begin within the patience. */
  static double[] measure(Contestant contestant, Runs runs, int rate, int seconds)
      throws Exception {
    int jobs = rate * seconds;
    runs.expect(jobs, true);
    contestant.start();
    // Until the worker waits for work, as it does in real life when a job comes.
    TimeUnit.SECONDS.sleep(2);
    AtomicLongArray called = new AtomicLongArray(jobs);
    ExecutorService callers = contestant.blocks() ? Executors.newFixedThreadPool(CALLERS) : null;
    try {
      long from = System.nanoTime();
      for (int i = 0; i < jobs; i++) {
        long at = from + i * TimeUnit.SECONDS.toNanos(1) / rate;
        long wait;
        while ((wait = at - System.nanoTime()) > 0) {
          LockSupport.parkNanos(wait);
        }
        int number = i;
        if (callers == null) {
          call(contestant, called, number);
        } else {
          callers.execute(() -> call(contestant, called, number));
        }
      }
      runs.all().await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } finally {
      if (callers != null) {
        callers.shutdown();
        callers.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    }
    AtomicLongArray begun = runs.begun();
    contestant.stop();
    double[] latencies = new double[jobs];
    Arrays.setAll(
        latencies,
        i -> begun.get(i) == 0 ? Double.NaN : (begun.get(i) - called.get(i)) / 1_000_000.0);
    return latencies;
  }

  private static void call(Contestant contestant, AtomicLongArray called, int number) {
    called.set(number, System.nanoTime());
    try {
      contestant.enqueueOne(number);
    } catch (Exception e) {
      throw new IllegalStateException("Job %d could not be enqueued.".formatted(number), e);
    }
  }
}
