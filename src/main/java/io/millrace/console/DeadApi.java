package io.millrace.console;

import io.millrace.engine.Operator;
import io.millrace.store.DeadFilter;
import io.millrace.store.DeadGroups;
import io.millrace.store.DeadLetter;
import io.millrace.store.DeadLetters;
import io.millrace.store.NewJob;
import io.vertx.core.Future;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.List;

/** Dead letters: to understand, to bring back to life, to correct and to throw away. */
final class DeadApi {
  private static final int GROUPS = 200;
  private static final long SHARED_MS = 10_000;
  private static final Problem NONE = Problem.missing("dead letter");

  private final Operator operator;
  private final DeadLetters letters;
  private final DeadGroups groups;
  private final SharedRead<Reply> grouped;
  private final Acts acts;

  /**
   * @param freshMs how old the groups may be that those who ask share
   */
  DeadApi(Operator operator, DeadLetters letters, DeadGroups groups, Acts acts, long freshMs) {
    this.operator = operator;
    this.letters = letters;
    this.groups = groups;
    this.grouped = new SharedRead<>(this::group, SHARED_MS, freshMs, System::nanoTime);
    this.acts = acts;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/api/v1/dead", Endpoint.STAFF, this::list),
        Endpoint.get("/api/v1/dead/groups", Endpoint.STAFF, this::groups),
        Endpoint.post("/api/v1/dead/bulk", Endpoint.OPERATORS, this::bulk),
        Endpoint.get("/api/v1/dead/:job", Endpoint.STAFF, this::get),
        Endpoint.post("/api/v1/dead/:job/redrive", Endpoint.OPERATORS, this::redrive),
        Endpoint.post("/api/v1/dead/:job/purge", Endpoint.OPERATORS, this::purge),
        Endpoint.post("/api/v1/dead/:job/payload", Endpoint.OPERATORS, this::edit)
            .upTo(NewJob.MAX_PAYLOAD_BYTES + 64 * 1024));
  }

  private static DeadFilter filter(Fields of) {
    String kind = of.text("kind", 200);
    Long user = of.number("user", 0, Long.MAX_VALUE);
    String reason = of.text("reason", 200);
    String failure = of.text("failure", 200);
    OffsetDateTime from = of.time("from");
    OffsetDateTime until = of.time("until");
    Boolean redriven = of.flag("redriven");
    String group = of.text("group", 32);
    return new DeadFilter(
        kind,
        user,
        reason,
        failure,
        from == null ? null : from.toInstant(),
        until == null ? null : until.toInstant(),
        Boolean.TRUE.equals(redriven),
        group);
  }

  private Future<Reply> list(Ask ask) {
    Fields query = ask.query();
    DeadFilter filter = filter(query);
    String after = query.text("after", 80);
    Integer limit = query.integer("limit", 1, DeadLetters.MOST);
    query.end();
    return letters
        .list(filter, Cursor.read(after), limit == null ? 50 : limit)
        .map(
            page ->
                Reply.tagged(
                    Reply.page(
                        page.letters().stream().map(DeadApi::line).toList(),
                        page.next() == null ? null : Cursor.of(page.next()))));
  }

  private static JsonObject line(DeadLetter letter) {
    return new JsonObject()
        .put("id", letter.id())
        .put("user", letter.user())
        .put("kind", letter.kind())
        .put("priority", letter.priority())
        .put("runs", letter.run())
        .put("failures", letter.failures())
        .put("reason", letter.reason())
        .put("message", letter.message())
        .put("deadAt", letter.deadAt().toInstant().toString())
        .put(
            "redrivenAt",
            letter.redrivenAt() == null ? null : letter.redrivenAt().toInstant().toString())
        .put("redrivenAs", letter.redrivenAs());
  }

  /** Something was changed from here: who looks next sees it. */
  void forget() {
    grouped.forget();
  }

  private Future<Reply> groups(Ask ask) {
    ask.query().end();
    return grouped.get();
  }

  /** Reads all of many letters, which takes its time. */
  private Future<Reply> group() {
    return groups
        .list(GROUPS)
        .map(
            all -> {
              all.forEach(g -> explain(g, g.getString("failure"), g.getString("reason")));
              return Reply.tagged(Reply.page(all, null));
            });
  }

  private static JsonObject explain(JsonObject json, String failure, String reason) {
    Explanations.Explanation explanation = Explanations.of(failure, reason);
    return json.put("meaning", explanation.meaning()).put("remedy", explanation.remedy());
  }

  private Future<Long> owner(long id) {
    return groups
        .owner(id)
        .map(
            user -> {
              if (user == null) {
                throw NONE.exception();
              }
              return user;
            });
  }

  private Future<Reply> get(Ask ask) {
    ask.query().end();
    long id = ask.id("job");
    return owner(id)
        .compose(user -> letters.read(user, id))
        .map(found -> Reply.tagged(full(found.orElseThrow(NONE::exception))));
  }

  private static JsonObject full(DeadLetter.Full full) {
    JsonObject json =
        line(full.letter())
            .put("payload", full.payload() == null ? null : Json.decodeValue(full.payload()))
            .put("edited", full.edited())
            .put("error", full.error())
            .put("attempts", full.attempts())
            .put("options", full.options())
            .put("key", full.dedupKey())
            .put(
                "createdAt",
                full.createdAt() == null ? null : full.createdAt().toInstant().toString());
    return explain(
        json,
        full.error().getValue("failure") instanceof String f ? f : null,
        full.letter().reason());
  }

  private Future<Reply> redrive(Ask ask) {
    long id = ask.id("job");
    ask.body().end();
    return owner(id)
        .compose(
            user ->
                acts.act(
                    ask,
                    "dead.redrive",
                    "job " + id,
                    new JsonObject(),
                    scope -> operator.within(scope).redrive(user, id),
                    Results::redriven));
  }

  private Future<Reply> purge(Ask ask) {
    long id = ask.id("job");
    ask.body().end();
    return owner(id)
        .compose(
            user ->
                acts.act(
                    ask,
                    "dead.purge",
                    "job " + id,
                    new JsonObject(),
                    scope -> operator.within(scope).purge(user, id),
                    Results.changed(NONE)));
  }

  private Future<Reply> edit(Ask ask) {
    long id = ask.id("job");
    Fields body = ask.body();
    JsonObject payload = body.required("payload", body.object("payload"));
    body.end();
    String text = payload.encode();
    JsonObject detail =
        new JsonObject()
            .put("sha256", Digest.hex(text))
            .put("bytes", text.getBytes(StandardCharsets.UTF_8).length);
    return owner(id)
        .compose(
            user ->
                acts.act(
                    ask,
                    "dead.payload",
                    "job " + id,
                    detail,
                    scope -> operator.within(scope).edit(user, id, text),
                    Results.changed(
                        new Problem(409, "redriven", "This letter was redriven already."))));
  }

  /** One step of many, or with {@code dryRun} how many it would be. */
  private Future<Reply> bulk(Ask ask) {
    Fields body = ask.body();
    String action = body.required("action", body.choice("action", List.of("redrive", "purge")));
    JsonObject wanted = body.required("filter", body.object("filter"));
    Boolean dryRun = body.flag("dryRun");
    String after = body.text("after", 80);
    body.end();
    Fields of = Fields.filter(wanted);
    DeadFilter filter = filter(of);
    of.end();
    DeadLetters.Place place = Cursor.read(after);
    if (Boolean.TRUE.equals(dryRun)) {
      return groups
          .count(action.equals("redrive") ? filter.waiting() : filter)
          .map(meant -> Reply.of(Results.meant(meant)));
    }
    JsonObject detail = new JsonObject().put("filter", wanted).put("after", after);
    return action.equals("redrive")
        ? acts.act(
            ask,
            "dead.redriveMany",
            "dead letters",
            detail,
            scope -> operator.within(scope).redriveSome(filter, place, DeadLetters.MOST),
            Results::redrivenMany)
        : acts.act(
            ask,
            "dead.purgeMany",
            "dead letters",
            detail,
            scope -> operator.within(scope).purgeSome(filter, DeadLetters.MOST),
            Results.purged(DeadLetters.MOST));
  }
}
