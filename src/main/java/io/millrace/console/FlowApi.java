package io.millrace.console;

import io.millrace.store.Flow;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.LongSupplier;

/** What the last hour was like, minute by minute. */
final class FlowApi {
  private static final long SHARED_MS = 10_000;
  private static final long KEPT_MS = 2_000;

  private final SharedRead<JsonObject> hour;

  FlowApi(Flow flow, LongSupplier nanos) {
    this.hour = new SharedRead<>(() -> flow.hour().map(FlowApi::json), SHARED_MS, KEPT_MS, nanos);
  }

  List<Endpoint> endpoints() {
    return List.of(Endpoint.get("/api/v1/flow", Endpoint.STAFF, this::hour));
  }

  private Future<Reply> hour(Ask ask) {
    ask.query().end();
    return hour.get().map(Reply::tagged);
  }

  private static JsonObject json(Flow.Hour hour) {
    return new JsonObject()
        .put("from", hour.from().toString())
        .put("minutes", Flow.MINUTES)
        .put("series", new JsonArray(hour.series().stream().map(FlowApi::json).toList()));
  }

  private static JsonObject json(Flow.Series series) {
    return new JsonObject()
        .put("measure", series.measure())
        .put("of", series.of())
        .put("queue", series.queue())
        .put("points", new JsonArray(series.points()));
  }
}
