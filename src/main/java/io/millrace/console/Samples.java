package io.millrace.console;

import io.millrace.store.Vitals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Makes figures that may be beyond a threshold of what was seen. What there are no figures of makes
 * none: no jobs is no failure rate, and nobody is woken. One context's.
 */
final class Samples {
  private final int least;
  private final Window<Map<String, Vitals.Queue>> queues;
  private final Window<Tallied.Now> attempts;
  private final Window<Tallied.Now> answers;

  /**
   * @param least jobs or calls in the window without which nothing is said of their rate
   */
  Samples(Duration window, int least) {
    this.least = least;
    this.queues = new Window<>(window);
    this.attempts = new Window<>(window);
    this.answers = new Window<>(window);
  }

  /** What all processes see alike. */
  List<Sample> shared(
      Signs seen, Vitals.Today today, long unitsPerDay, Duration pollEvery, OptionalDouble cost) {
    List<Sample> all = new ArrayList<>();
    Map<String, Vitals.Queue> now = new HashMap<>();
    seen.queues().forEach(queue -> now.put(queue.kind(), queue));
    Map<String, Vitals.Queue> then = queues.add(seen.nanos(), now);
    for (Vitals.Queue queue : seen.queues()) {
      if (!queue.paused()) {
        all.add(new Sample(AlertSource.QUEUE_DEPTH, queue.kind(), queue.ready()));
        queue
            .oldestMs()
            .ifPresent(ms -> all.add(new Sample(AlertSource.QUEUE_AGE, queue.kind(), ms)));
      }
      all.add(new Sample(AlertSource.DEAD_LETTERS, queue.kind(), queue.deadLately()));
      Vitals.Queue before = then.get(queue.kind());
      if (before != null) {
        long failed = queue.failed() - before.failed();
        long ended = failed + queue.done() - before.done();
        share(all, AlertSource.FAILURE_RATE, queue.kind(), failed, ended);
      }
    }
    share(all, AlertSource.SLA, "", today.failed(), today.failed() + today.done());
    if (unitsPerDay > 0) {
      all.add(new Sample(AlertSource.QUOTA, "", (double) seen.dayUnits() / unitsPerDay));
    }
    if (pollEvery.toMillis() > 0) {
      seen.lagMs()
          .ifPresent(
              ms ->
                  all.add(
                      new Sample(
                          AlertSource.LAG, "", Math.max(0, ms - (double) pollEvery.toMillis()))));
    }
    cost.ifPresent(most -> all.add(new Sample(AlertSource.COST, "", most)));
    return all;
  }

  /**
   * What this process alone sees.
   *
   * @param process its name
   * @param memory the share in use; not a number if it is not known
   */
  List<Sample> own(
      String process, long nanos, Tallied.Now attempted, Tallied.Now answered, double memory) {
    List<Sample> all = new ArrayList<>();
    Tallied.Now tried = attempted.since(attempts.add(nanos, attempted));
    share(all, AlertSource.ERROR_RATE, process, tried.failed(), tried.all());
    Tallied.Now asked = answered.since(answers.add(nanos, answered));
    if (asked.all() >= least) {
      all.add(new Sample(AlertSource.API_TIME, process, asked.nanos() / 1e6 / asked.all()));
    }
    if (!Double.isNaN(memory)) {
      all.add(new Sample(AlertSource.MEMORY, process, memory));
    }
    return all;
  }

  private void share(List<Sample> all, AlertSource source, String subject, long part, long whole) {
    if (whole >= least) {
      all.add(new Sample(source, subject, (double) part / whole));
    }
  }
}
