package io.millrace.console;

import io.millrace.store.HealthSamples;
import io.millrace.store.Usage;
import io.millrace.store.Vitals;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/** How queues do and where they are heading, and what Millrace itself delivers. */
final class HealthApi {
  private static final long SHARED_MS = 10_000;
  private static final long KEPT_MS = 5_000;
  private static final int USERS = 20;
  private static final int MOST_HOURS = 24 * 14;

  /** What the page asks for; hours that are over change no more. */
  private static final int HOURS = 24;

  private static final long HOURS_KEPT_MS = 15_000;

  private final Watch watch;
  private final SharedRead<JsonObject> now;
  private final SharedRead<Reply> day;

  HealthApi(Watch watch, LongSupplier nanos) {
    this.watch = watch;
    this.now = new SharedRead<>(this::look, SHARED_MS, KEPT_MS, nanos);
    this.day = new SharedRead<>(() -> hours(HOURS), SHARED_MS, HOURS_KEPT_MS, nanos);
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/api/v1/health", Endpoint.STAFF, this::now),
        Endpoint.get("/api/v1/health/hours", Endpoint.STAFF, this::hours));
  }

  private Future<Reply> now(Ask ask) {
    ask.query().end();
    return now.get().map(Reply::tagged);
  }

  private Future<JsonObject> look() {
    Usage usage = watch.usage();
    Future<List<Health.Kind>> kinds = watch.health().now();
    Future<Vitals.Today> today = watch.vitals().today();
    Future<List<Usage.OfUser>> users = usage.today().compose(day -> usage.unluckiest(day, USERS));
    return Future.all(kinds, today, users)
        .map(
            v ->
                new JsonObject()
                    .put("queues", queues(kinds.result()))
                    .put("kinds", new JsonArray(kinds.result().stream().map(this::kind).toList()))
                    .put("today", today(today.result()))
                    .put(
                        "users",
                        new JsonArray(users.result().stream().map(HealthApi::user).toList())));
  }

  private static JsonArray queues(List<Health.Kind> kinds) {
    JsonArray all = new JsonArray();
    Health.queues(kinds)
        .forEach(
            (queue, score) -> all.add(new JsonObject().put("queue", queue).put("score", score)));
    return all;
  }

  private JsonObject kind(Health.Kind kind) {
    return new JsonObject()
        .put("kind", kind.kind())
        .put("queue", kind.queue())
        .put("at", kind.at().toString())
        .put("score", kind.score().points())
        .put(
            "lost",
            new JsonArray(
                kind.score().lost().stream()
                    .map(l -> new JsonObject().put("points", l.points()).put("why", l.why()))
                    .toList()))
        .put("ready", kind.ready())
        .put("bound", kind.bound())
        .put("forecast", kind.trend().map(t -> forecast(t, kind.bound())).orElse(null))
        .put("anomalies", new JsonArray(kind.anomalies().stream().map(Anomaly::sentence).toList()))
        .put("advice", new JsonArray(kind.advice()));
  }

  private static JsonObject forecast(Trend trend, double bound) {
    return new JsonObject()
        .put("perMinute", trend.perMinute())
        .put("emptyInMinutes", orNull(trend.emptyIn()))
        .put("overInMinutes", orNull(trend.overIn(bound)));
  }

  private JsonObject today(Vitals.Today today) {
    Threshold sla = watch.settings().alerts().thresholds().get(AlertSource.SLA);
    return new JsonObject()
        .put("done", today.done())
        .put("failed", today.failed())
        .put("success", orNull(today.success()))
        .put("aim", sla == null ? null : 1 - sla.warn())
        .put("meanRunMs", mean(today.runMs(), today.ran()))
        .put("meanWaitMs", mean(today.waitMs(), today.ran()))
        .put("lagMs", orNull(watch.health().lagMs()));
  }

  private static Double mean(long all, long of) {
    return of == 0 ? null : (double) all / of;
  }

  private static Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  private static JsonObject user(Usage.OfUser of) {
    return new JsonObject()
        .put("user", of.day().user())
        .put("email", of.email())
        .put("jobs", of.day().jobs())
        .put("dead", of.day().dead())
        .put("success", of.day().success().orElse(null));
  }

  private Future<Reply> hours(Ask ask) {
    Fields query = ask.query();
    Integer hours = query.integer("hours", 1, MOST_HOURS);
    query.end();
    return hours == null || hours == HOURS ? day.get() : hours(hours);
  }

  private Future<Reply> hours(int back) {
    return watch
        .health()
        .hours(back)
        .map(all -> Reply.tagged(Reply.page(all.stream().map(HealthApi::hour).toList(), null)));
  }

  private static JsonObject hour(HealthSamples.Hour hour) {
    return new JsonObject()
        .put("kind", hour.kind())
        .put("from", hour.from().toString())
        .put("score", hour.score())
        .put("least", hour.least())
        .put("ready", hour.ready())
        .put("done", hour.done())
        .put("failed", hour.failed())
        .put("meanRunMs", mean(hour.runMs(), hour.ran()))
        .put("meanWaitMs", mean(hour.waitMs(), hour.ran()));
  }
}
