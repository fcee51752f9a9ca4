package io.millrace.console;

import io.millrace.store.Alerts;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.LongSupplier;

/** What is wrong now, and what was told lately. */
final class AlertsApi {
  private static final int LATELY = 50;
  private static final long SHARED_MS = 10_000;

  private static final long KEPT_MS = 1_000;

  private final Alerts alerts;
  private final Happenings happenings;
  private final SharedRead<JsonObject> newest;
  private long known;

  AlertsApi(Alerts alerts, Happenings happenings, LongSupplier nanos) {
    this.alerts = alerts;
    this.happenings = happenings;
    this.newest = new SharedRead<>(() -> look(Long.MAX_VALUE, LATELY), SHARED_MS, KEPT_MS, nanos);
  }

  List<Endpoint> endpoints() {
    return List.of(Endpoint.get("/api/v1/alerts", Endpoint.STAFF, this::list));
  }

  private Future<Reply> list(Ask ask) {
    Fields query = ask.query();
    Long before = query.number("after", 0, Long.MAX_VALUE);
    Integer limit = query.integer("limit", 1, 1_000);
    query.end();
    if (known != happenings.alerts()) {
      known = happenings.alerts();
      newest.forget();
    }
    return (before == null && limit == null
            ? newest.get()
            : look(before == null ? Long.MAX_VALUE : before, limit == null ? LATELY : limit))
        .map(Reply::tagged);
  }

  private Future<JsonObject> look(long before, int most) {
    return alerts
        .open()
        .compose(
            open ->
                alerts
                    .events(before, most)
                    .map(
                        events ->
                            new JsonObject()
                                .put("items", new JsonArray(open.stream().map(this::now).toList()))
                                .put(
                                    "lately",
                                    new JsonArray(events.stream().map(AlertsApi::told).toList()))
                                .put(
                                    "next",
                                    events.size() < most
                                        ? null
                                        : Long.toString(events.get(most - 1).id()))));
  }

  private JsonObject now(Alerts.Standing row) {
    return new JsonObject()
        .put("source", row.key().source())
        .put("subject", row.key().subject())
        .put("level", row.level())
        .put("since", row.since().toString())
        .put("value", row.value())
        .put("threshold", row.threshold())
        .put("seenAt", row.seenAt().toString())
        .put(
            "sentence",
            AlertJudge.sentence(
                row.key(), AlertState.Level.of(row.level()), row.value(), row.threshold()))
        .put("runbook", Runbooks.page(row.key().source()));
  }

  /** As it is told to pages, whose runbooks this server has. */
  static JsonObject told(Alerts.Event event) {
    return new AlertTold(event, Runbooks.page(event.key().source())).json();
  }
}
