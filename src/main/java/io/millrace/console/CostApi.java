package io.millrace.console;

import io.millrace.store.Usage;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** What users' work took and cost, today and day by day, at the prices in force. */
final class CostApi {
  private static final int USERS = 50;
  private static final int DAYS = 30;

  private final Usage usage;
  private final CostSettings settings;

  CostApi(Usage usage, CostSettings settings) {
    this.usage = usage;
    this.settings = settings;
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
    return usage
        .today()
        .compose(
            today -> {
              var since = today.minusDays((back == null ? DAYS : back) - 1L);
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
