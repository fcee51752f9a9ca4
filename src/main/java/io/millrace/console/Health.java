package io.millrace.console;

import io.millrace.store.HealthSamples;
import io.millrace.store.Vitals;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * How queues do, where they are heading, what is unusual and what to do about it: what the health
 * screen shows. Thread-safe.
 */
public final class Health {
  private static final int TREND_MINUTES = 60;

  private final HealthSamples samples;
  private final HealthSettings settings;
  private final VitalSigns signs;
  private final HealthScore.Bounds bounds;

  /** Reads what {@link HealthBook} keeps. */
  public Health(
      HealthSamples samples, HealthSettings settings, AlertSettings alerts, VitalSigns signs) {
    this.samples = samples;
    this.settings = settings;
    this.signs = signs;
    this.bounds = HealthScore.Bounds.of(alerts);
  }

  /**
   * How one kind does.
   *
   * @param queue that the kind belongs to
   * @param at of the sample that the score is of
   * @param score with what took points off
   * @param trend of the backlog; empty if the samples are too few
   * @param bound of the backlog, over which it is worth a warning
   * @param advice sentences; empty if all is well
   */
  public record Kind(
      String kind,
      String queue,
      Instant at,
      HealthScore score,
      long ready,
      Optional<Trend> trend,
      double bound,
      List<Anomaly> anomalies,
      List<String> advice) {}

  /** All kinds that have a sample of the last hour, in the order of their names. */
  public Future<List<Kind>> now() {
    return samples
        .newest()
        .compose(
            newest -> {
              List<Kind> kinds = new ArrayList<>();
              Future<Void> done = Future.succeededFuture();
              for (HealthSamples.Sample sample : newest) {
                done = done.compose(v -> kind(sample)).onSuccess(kinds::add).mapEmpty();
              }
              return done.map(kinds);
            });
  }

  /** The points of each queue: those of the worst of its kinds. */
  public static Map<String, Integer> queues(List<Kind> kinds) {
    Map<String, Integer> worst = new TreeMap<>();
    kinds.forEach(k -> worst.merge(k.queue(), k.score().points(), Math::min));
    return worst;
  }

  /** How long ago mailboxes were looked at, see {@link Vitals#lagMs}; empty if it is not known. */
  OptionalDouble lagMs() {
    Signs latest = signs.latest();
    return latest == null ? OptionalDouble.empty() : latest.lagMs();
  }

  /** The last hours of all kinds, the oldest first. */
  public Future<List<HealthSamples.Hour>> hours(int hours) {
    return samples.hours(hours);
  }

  private Future<Kind> kind(HealthSamples.Sample sample) {
    return samples
        .last(sample.kind(), TREND_MINUTES)
        .compose(
            last ->
                samples
                    .sameHour(sample.kind(), settings.keepDays())
                    .map(hours -> kind(sample, last, hours)));
  }

  private Kind kind(
      HealthSamples.Sample sample,
      List<HealthSamples.Sample> last,
      List<HealthSamples.Hour> hours) {
    Optional<Trend> trend =
        Trend.of(
            last.stream()
                .map(s -> new Trend.Point(s.at().toEpochMilli() / 60_000.0, s.ready()))
                .toList());
    List<Anomaly.Hour> all =
        hours.stream()
            .map(h -> new Anomaly.Hour(h.done() + h.failed(), h.ran(), h.runMs()))
            .toList();
    List<Anomaly> anomalies =
        all.isEmpty() ? List.of() : Anomaly.of(all.get(0), all.subList(1, all.size()), settings);
    Optional<Vitals.Queue> queue = seen(sample.kind());
    HealthScore.Figures figures =
        new HealthScore.Figures(
            queue.map(Vitals.Queue::paused).orElse(false),
            sample.ready(),
            sample.oldestMs(),
            0,
            sample.failed(),
            sample.done() + sample.failed());
    double bound = bounds.depth().warn();
    return new Kind(
        sample.kind(),
        sample.queue(),
        sample.at(),
        new HealthScore(sample.score(), lost(sample.lost())),
        sample.ready(),
        trend,
        bound,
        anomalies,
        Advice.of(
            sample.kind(),
            figures,
            queue.map(Vitals.Queue::running).orElse(1L),
            queue.map(Vitals.Queue::dead).orElse(0L),
            trend,
            bound,
            anomalies));
  }

  private Optional<Vitals.Queue> seen(String kind) {
    Signs latest = signs.latest();
    return latest == null
        ? Optional.empty()
        : latest.queues().stream().filter(q -> q.kind().equals(kind)).findFirst();
  }

  private static List<HealthScore.Loss> lost(String json) {
    List<HealthScore.Loss> lost = new ArrayList<>();
    for (Object one : new JsonArray(json)) {
      JsonObject loss = (JsonObject) one;
      lost.add(new HealthScore.Loss(loss.getInteger("points"), loss.getString("why")));
    }
    return lost;
  }
}
