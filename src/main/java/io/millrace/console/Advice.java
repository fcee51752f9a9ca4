package io.millrace.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** Says in plain words what to do about a kind that does not do well. Pure. */
final class Advice {
  private static final double FAILURES = 0.05;
  private static final double WAITS_MS = 60_000;
  private static final double SOON_MINUTES = 24 * 60;

  private Advice() {}

  /**
   * At most a sentence for each trouble; none if all is well.
   *
   * @param bound of the backlog, over which it is worth a warning
   */
  static List<String> of(
      String kind,
      HealthScore.Figures figures,
      long running,
      long dead,
      Optional<Trend> trend,
      double bound,
      List<Anomaly> anomalies) {
    List<String> advice = new ArrayList<>();
    if (figures.paused() && figures.ready() > 0) {
      advice.add(
          "%s is paused and %d jobs are ready: resume it when what it was paused for is over."
              .formatted(kind, figures.ready()));
    } else if (running == 0 && figures.oldestMs().orElse(0) > WAITS_MS) {
      advice.add(
          "Jobs of %s are ready and none runs: see that a process that knows this kind is up, and that no limit of it is 0."
              .formatted(kind));
    }
    if (figures.ended() > 0 && figures.failed() > FAILURES * figures.ended()) {
      advice.add(
          "%d of %d jobs of %s failed for good: look at its dead letters by cause, mend the commonest, then redrive."
              .formatted(figures.failed(), figures.ended(), kind));
    } else if (dead > 0) {
      advice.add("%d dead letters of %s wait: redrive or purge them.".formatted(dead, kind));
    }
    trend.ifPresent(t -> growth(kind, t, bound).ifPresent(advice::add));
    anomalies.stream()
        .filter(a -> a.what().equals("duration") && a.usual().deviation(a.value()) > 0)
        .forEach(
            a ->
                advice.add(
                    "Runs of %s are slower than usual: look at the database's and Google's times of the last hour."
                        .formatted(kind)));
    anomalies.stream()
        .filter(a -> a.what().equals("rate") && a.usual().deviation(a.value()) < 0)
        .forEach(
            a ->
                advice.add(
                    "Fewer jobs of %s end than usual: is less coming in, or does something hold them up?"
                        .formatted(kind)));
    return List.copyOf(advice);
  }

  private static Optional<String> growth(String kind, Trend trend, double bound) {
    OptionalDouble over = trend.overIn(bound);
    boolean grows = trend.perMinute() > 0 && trend.now() > 0;
    if (!grows || over.isEmpty() || over.getAsDouble() > SOON_MINUTES) {
      return Optional.empty();
    }
    String rate = String.format(Locale.ROOT, "%.1f", trend.perMinute());
    return Optional.of(
        over.getAsDouble() == 0
            ? "The backlog of %s grows by %s jobs a minute: give it more slots, or start another process."
                .formatted(kind, rate)
            : String.format(
                Locale.ROOT,
                "The backlog of %s grows by %s jobs a minute and is over %.0f in %.0f minutes: give it more slots, or start another process.",
                kind,
                rate,
                bound,
                over.getAsDouble()));
  }
}
