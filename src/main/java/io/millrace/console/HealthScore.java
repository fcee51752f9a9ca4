package io.millrace.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How well a kind of job does, 0 to 100, and what took points off. Each trouble takes a third of
 * what it can take when it is worth a warning, all of it when it is critical, and in between a
 * share of it; what there are no figures of takes nothing. Worse figures never give more points.
 * Pure.
 *
 * @param lost with {@code points} 100 together
 */
public record HealthScore(int points, List<Loss> lost) {
  private static final int MOST_FAILURES = 40;
  private static final int MOST_AGE = 30;
  private static final int MOST_DEPTH = 15;
  private static final int MOST_DEAD = 15;

  /**
   * Something that took points off.
   *
   * @param why in a few words for a person
   */
  public record Loss(int points, String why) {}

  /**
   * How a kind stands, and what became of its jobs lately.
   *
   * @param oldestMs how long the oldest ready job has waited; empty if there is none
   * @param deadLately jobs that failed for good in the last hour
   * @param failed jobs that failed for good since the sample before
   * @param ended those, and those that ended well
   */
  record Figures(
      boolean paused,
      long ready,
      OptionalDouble oldestMs,
      long deadLately,
      long failed,
      long ended) {}

  /** Where troubles begin and are critical. */
  record Bounds(Threshold failures, Threshold ageMs, Threshold depth, Threshold dead) {
    static final Bounds USUAL =
        new Bounds(
            new Threshold(0.15, 0.3),
            new Threshold(300_000, 900_000),
            new Threshold(100, 500),
            new Threshold(10, 100));

    /** Those of the alerts; of alerts that are off, the usual ones. */
    static Bounds of(AlertSettings alerts) {
      var at = alerts.thresholds();
      return new Bounds(
          at.getOrDefault(AlertSource.FAILURE_RATE, USUAL.failures),
          at.getOrDefault(AlertSource.QUEUE_AGE, USUAL.ageMs),
          at.getOrDefault(AlertSource.QUEUE_DEPTH, USUAL.depth),
          at.getOrDefault(AlertSource.DEAD_LETTERS, USUAL.dead));
    }
  }

  static HealthScore of(Figures figures, Bounds bounds) {
    List<Loss> lost = new ArrayList<>();
    if (figures.ended() > 0) {
      double share = (double) figures.failed() / figures.ended();
      take(
          lost,
          graded(share, bounds.failures(), MOST_FAILURES),
          String.format(
              Locale.ROOT, "%.0f %% of %d jobs failed for good", 100 * share, figures.ended()));
    }
    if (!figures.paused() && figures.oldestMs().isPresent()) {
      double ms = figures.oldestMs().getAsDouble();
      take(
          lost,
          graded(ms, bounds.ageMs(), MOST_AGE),
          String.format(Locale.ROOT, "the oldest ready job has waited for %.0f s", ms / 1000));
    }
    if (!figures.paused()) {
      take(
          lost,
          graded((double) figures.ready(), bounds.depth(), MOST_DEPTH),
          figures.ready() + " jobs are ready");
    }
    take(
        lost,
        graded((double) figures.deadLately(), bounds.dead(), MOST_DEAD),
        figures.deadLately() + " new dead letters in an hour");
    int points = 100 - lost.stream().mapToInt(Loss::points).sum();
    return new HealthScore(points, List.copyOf(lost));
  }

  private static void take(List<Loss> lost, int points, String why) {
    if (points > 0) {
      lost.add(new Loss(points, why));
    }
  }

  private static int graded(double value, Threshold at, int most) {
    if (value <= at.warn()) {
      return 0;
    }
    double way =
        value >= at.critical()
            ? 1
            : (value - at.warn()) / Math.max(1e-9, at.critical() - at.warn());
    return (int) Math.round(most * (1 + 2 * way) / 3);
  }
}
