package io.millrace.console;

import io.millrace.google.CallRoom;
import io.millrace.store.Standings;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.LongSupplier;

/** Every limit now, how it changed, and what is used of the quota. */
final class LimitsApi {
  private static final int ROWS = 500;
  private static final long SHARED_MS = 10_000;

  private final Standings standings;
  private final Happenings happenings;
  private final Watch watch;
  private final SharedRead<JsonObject> kept;

  /**
   * @param watch null where no work is done: then nothing is known of this process
   * @param freshMs how old what is shared of the database may be
   */
  LimitsApi(
      Standings standings, Happenings happenings, Watch watch, long freshMs, LongSupplier nanos) {
    this.standings = standings;
    this.happenings = happenings;
    this.watch = watch;
    this.kept = new SharedRead<>(this::look, SHARED_MS, freshMs, nanos);
  }

  List<Endpoint> endpoints() {
    return List.of(Endpoint.get("/api/v1/limits", Endpoint.STAFF, this::limits));
  }

  /** Something was changed from here: who looks next sees it. */
  void forget() {
    kept.forget();
  }

  private Future<Reply> limits(Ask ask) {
    ask.query().end();
    return kept.get()
        .map(
            stored ->
                Reply.tagged(
                    new JsonObject()
                        .put("now", now())
                        .put("use", use())
                        .put("changes", happenings.limits())
                        .put("history", happenings.history())
                        .mergeIn(stored)));
  }

  /** What stands in the database, for however many ask. */
  private Future<JsonObject> look() {
    Future<List<JsonObject>> kinds = standings.kinds();
    Future<List<JsonObject>> keys = standings.keys(ROWS);
    Future<List<JsonObject>> ledger = standings.ledger(ROWS);
    return Future.all(kinds, keys, ledger)
        .map(
            v ->
                new JsonObject()
                    .put("kinds", new JsonArray(kinds.result()))
                    .put("keys", new JsonArray(keys.result()))
                    .put(
                        "quota",
                        new JsonArray(ledger.result().stream().map(this::withRoom).toList())));
  }

  /** Of users, what this process has learnt that Google lets it do at once. */
  private JsonObject withRoom(JsonObject bucket) {
    CallRoom room =
        watch == null || !bucket.getString("scope").equals("user")
            ? null
            : watch.room().apply(bucket.getLong("key"));
    return bucket
        .put("inFlight", room == null ? null : room.inFlight())
        .put("mostInFlight", room == null ? null : room.most());
  }

  private JsonArray now() {
    JsonArray all = new JsonArray();
    if (watch != null) {
      watch
          .limits()
          .get()
          .forEach(
              l ->
                  all.add(
                      new JsonObject()
                          .put("what", l.what())
                          .put("value", l.value())
                          .put("why", l.why())));
    }
    return all;
  }

  private JsonArray use() {
    JsonArray all = new JsonArray();
    if (watch != null) {
      watch
          .quota()
          .get()
          .forEach(
              u ->
                  all.add(
                      new JsonObject()
                          .put("scope", u.scope())
                          .put("used", u.used())
                          .put("allowed", u.allowed())
                          .put("whose", u.whose())));
    }
    return all;
  }
}
