package io.millrace.console;

import io.millrace.store.Usage;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.LongSupplier;

/** What users' work took and cost, today and day by day, at the prices in force. */
final class CostApi {
  private static final int USERS = 50;
  private static final long SHARED_MS = 10_000;
  private static final long KEPT_MS = 15_000;

  /** What the page asks for. */
  private static final int DAYS = 14;

  private final Usage usage;
  private final CostSettings settings;
  private final SharedRead<Reply> lately;

  CostApi(Usage usage, CostSettings settings, LongSupplier nanos) {
    this.usage = usage;
    this.settings = settings;
    this.lately = new SharedRead<>(() -> cost(DAYS, null), SHARED_MS, KEPT_MS, nanos);
  }

  List<Endpoint> endpoints() {
    return List.of(Endpoint.get("/api/v1/cost", Endpoint.STAFF, this::cost));
  }

  /** The days of all users together, or of the one that is asked for. */
  private Future<Reply> cost(Ask ask) {
    Fields query = ask.query();
    Integer back = query.integer("days", 1, 400);
    Long user = query.number("user", 0, Long.MAX_VALUE);
    query.end();
    int days = back == null ? DAYS : back;
    return user == null && days == DAYS ? lately.get() : cost(days, user);
  }

  private Future<Reply> cost(int back, Long user) {
    return usage
        .today()
        .compose(
            today -> {
              var since = today.minusDays(back - 1L);
              Future<List<Usage.OfUser>> users =
                  usage.dearestUsers(today, settings.prices(), USERS);
              Future<List<Usage.Day>> days =
                  user == null ? usage.ofAll(since) : usage.of(user, since);
              return Future.all(users, days)
                  .map(
                      v ->
                          Reply.tagged(
                              head()
                                  .put("today", today.toString())
                                  .put(
                                      "users",
                                      new JsonArray(
                                          users.result().stream().map(this::user).toList()))
                                  .put(
                                      "days",
                                      new JsonArray(
                                          days.result().stream().map(this::day).toList()))));
            });
  }

  private JsonObject head() {
    return new JsonObject()
        .put("priced", settings.told())
        .put("perThousandUnits", settings.perThousandUnits())
        .put("perMillionTokens", settings.perMillionTokens())
        .put("perGibibyte", settings.perGibibyte())
        .put("budget", settings.budget())
        .put("critical", settings.critical());
  }

  private JsonObject user(Usage.OfUser of) {
    return spent(of.day()).put("user", of.day().user()).put("email", of.email());
  }

  private JsonObject day(Usage.Day day) {
    return spent(day).put("day", day.day().toString());
  }

  private JsonObject spent(Usage.Day day) {
    return new JsonObject()
        .put("units", day.units())
        .put("calls", day.calls())
        .put("bytes", day.bytes())
        .put("tokens", day.tokens())
        .put("jobs", day.jobs())
        .put("dead", day.dead())
        .put("cost", settings.of(day.units(), day.tokens(), day.bytes()));
  }
}
