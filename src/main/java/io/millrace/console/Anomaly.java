package io.millrace.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Something that is off what is usual at this hour.
 *
 * @param what rate (jobs ended in an hour) or duration (milliseconds of a run)
 * @param value of the last hour
 * @param usual at this hour of the past days
 * @param sentence for a person
 */
public record Anomaly(String what, double value, Usual usual, String sentence) {
  /**
   * What a kind did in one hour.
   *
   * @param ended jobs
   * @param ran how many of them tell how long they ran
   * @param runMs all together
   */
  public record Hour(long ended, long ran, long runMs) {
    Optional<Double> duration() {
      return ran == 0 ? Optional.empty() : Optional.of((double) runMs / ran);
    }
  }

  /**
   * Compares an hour with the same hour of past days. Pure.
   *
   * @param past days without any job count as such, days of which nothing is known are left out
   */
  static List<Anomaly> of(Hour now, List<Hour> past, HealthSettings settings) {
    List<Anomaly> found = new ArrayList<>();
    List<Double> rates = past.stream().map(h -> (double) h.ended()).toList();
    Usual.of(rates, settings.minDays())
        .filter(usual -> off(usual, (double) now.ended(), settings))
        .ifPresent(
            usual ->
                found.add(
                    new Anomaly(
                        "rate",
                        now.ended(),
                        usual,
                        String.format(
                            Locale.ROOT,
                            "%d jobs ended in the last hour; usual at this hour are %.0f.",
                            now.ended(),
                            usual.median()))));
    List<Double> durations = past.stream().map(Hour::duration).flatMap(Optional::stream).toList();
    now.duration()
        .ifPresent(
            ms ->
                Usual.of(durations, settings.minDays())
                    .filter(usual -> off(usual, ms, settings))
                    .ifPresent(
                        usual ->
                            found.add(
                                new Anomaly(
                                    "duration",
                                    ms,
                                    usual,
                                    String.format(
                                        Locale.ROOT,
                                        "A run took %.0f ms in the last hour; usual at this hour are %.0f ms.",
                                        ms,
                                        usual.median())))));
    return found;
  }

  private static boolean off(Usual usual, double value, HealthSettings settings) {
    return Math.abs(usual.deviation(value)) > settings.deviations();
  }
}
