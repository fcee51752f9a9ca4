package io.millrace.console;

import io.millrace.engine.Operator;
import io.millrace.store.Controls;
import io.millrace.store.Schedules;
import io.millrace.store.Standings;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;

/** Queues, kinds and schedules: what they hold, and their switches. */
final class QueuesApi {
  private static final int MOST_RUNNING = 1_000_000;
  private static final int SCHEDULES = 500;

  private final Operator operator;
  private final Standings standings;
  private final Schedules schedules;
  private final Acts acts;

  QueuesApi(Operator operator, Standings standings, Schedules schedules, Acts acts) {
    this.operator = operator;
    this.standings = standings;
    this.schedules = schedules;
    this.acts = acts;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/api/v1/queues", Endpoint.STAFF, this::queues),
        Endpoint.post("/api/v1/queues/:name/pause", Endpoint.OPERATORS, a -> pauseQueue(a, true)),
        Endpoint.post("/api/v1/queues/:name/resume", Endpoint.OPERATORS, a -> pauseQueue(a, false)),
        Endpoint.post("/api/v1/queues/:name/limits", Endpoint.OPERATORS, this::limitQueue),
        Endpoint.get("/api/v1/kinds", Endpoint.STAFF, this::kinds),
        Endpoint.post("/api/v1/kinds/:name/pause", Endpoint.OPERATORS, a -> pauseKind(a, true)),
        Endpoint.post("/api/v1/kinds/:name/resume", Endpoint.OPERATORS, a -> pauseKind(a, false)),
        Endpoint.post("/api/v1/kinds/:name/limits", Endpoint.OPERATORS, this::limitKind),
        Endpoint.get("/api/v1/schedules", Endpoint.STAFF, this::schedules),
        Endpoint.post(
            "/api/v1/schedules/:name/pause", Endpoint.OPERATORS, a -> pauseSchedule(a, true)),
        Endpoint.post(
            "/api/v1/schedules/:name/resume", Endpoint.OPERATORS, a -> pauseSchedule(a, false)));
  }

  private Future<Reply> queues(Ask ask) {
    ask.query().end();
    return standings.queues().map(all -> Reply.tagged(Reply.page(all, null)));
  }

  private Future<Reply> kinds(Ask ask) {
    ask.query().end();
    return standings.kinds().map(all -> Reply.tagged(Reply.page(all, null)));
  }

  private Future<Reply> pauseQueue(Ask ask, boolean paused) {
    String name = ask.name("name");
    ask.body().end();
    return acts.act(
        ask,
        paused ? "queue.pause" : "queue.resume",
        "queue " + name,
        new JsonObject(),
        scope -> operator.within(scope).pauseQueue(name, paused),
        Results.changed(Problem.missing("queue")));
  }

  private Future<Reply> pauseKind(Ask ask, boolean paused) {
    String name = ask.name("name");
    ask.body().end();
    return acts.act(
        ask,
        paused ? "kind.pause" : "kind.resume",
        "kind " + name,
        new JsonObject(),
        scope -> operator.within(scope).pauseKind(name, paused),
        Results.changed(Problem.missing("kind")));
  }

  /** A limit that is null, or left out, is none. */
  private Future<Reply> limitQueue(Ask ask) {
    String name = ask.name("name");
    Fields body = ask.body();
    Integer running = body.integer("maxRunning", 0, MOST_RUNNING);
    body.end();
    return acts.act(
        ask,
        "queue.limits",
        "queue " + name,
        new JsonObject().put("maxRunning", running),
        scope -> operator.within(scope).limitQueue(name, running),
        Results.changed(Problem.missing("queue")));
  }

  private Future<Reply> limitKind(Ask ask) {
    String name = ask.name("name");
    Fields body = ask.body();
    Controls.KindLimits limits =
        new Controls.KindLimits(
            body.integer("maxRunning", 0, MOST_RUNNING),
            body.integer("maxPerUser", 0, MOST_RUNNING),
            body.integer("maxPerKey", 0, MOST_RUNNING));
    body.end();
    return acts.act(
        ask,
        "kind.limits",
        "kind " + name,
        new JsonObject()
            .put("maxRunning", limits.running())
            .put("maxPerUser", limits.perUser())
            .put("maxPerKey", limits.perKey()),
        scope -> operator.within(scope).limitKind(name, limits),
        Results.changed(Problem.missing("kind")));
  }

  private Future<Reply> schedules(Ask ask) {
    Fields query = ask.query();
    String after = query.text("after", 63);
    Integer limit = query.integer("limit", 1, SCHEDULES);
    query.end();
    int most = limit == null ? SCHEDULES : limit;
    return schedules
        .list(after == null ? "" : after, most)
        .map(
            all ->
                Reply.tagged(
                    Reply.page(
                        all.stream().map(QueuesApi::schedule).toList(),
                        all.size() < most ? null : all.get(most - 1).schedule().name())));
  }

  private static JsonObject schedule(Schedules.State state) {
    return new JsonObject()
        .put("name", state.schedule().name())
        .put("kind", state.schedule().kind())
        .put("user", state.schedule().user())
        .put("priority", state.schedule().priority())
        .put("spec", state.schedule().spec())
        .put("zone", state.schedule().zone())
        .put("misfire", state.schedule().misfire().text())
        .put("paused", state.schedule().paused())
        .put("nextAt", text(state.nextAt()))
        .put("lastAt", text(state.lastAt()))
        .put("lastJob", state.lastJob())
        .put("trouble", state.trouble());
  }

  private static String text(Instant instant) {
    return instant == null ? null : instant.toString();
  }

  private Future<Reply> pauseSchedule(Ask ask, boolean paused) {
    String name = ask.name("name");
    ask.body().end();
    return acts.act(
        ask,
        paused ? "schedule.pause" : "schedule.resume",
        "schedule " + name,
        new JsonObject(),
        scope ->
            scope.run(p -> paused ? new Schedules(p).pause(name) : new Schedules(p).resume(name)),
        Results.changed(Problem.missing("schedule")));
  }
}
