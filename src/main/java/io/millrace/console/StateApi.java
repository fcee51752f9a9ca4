package io.millrace.console;

import io.millrace.store.AuditLog;
import io.millrace.store.CacheFigures;
import io.millrace.store.Standings;
import io.millrace.store.Tallies;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * How the whole stands: overview, workers, and who did what. What every open page asks for all the
 * time is read and written down once for all of them, and may be a moment old.
 */
final class StateApi {
  private static final int ROWS = 500;
  private static final long SHARED_MS = 10_000;

  private final Standings standings;
  private final Tallies tallies;
  private final AuditLog log;
  private final Running running;
  private final Supplier<CacheFigures> cache;
  private final InstantSource clock;
  private final SharedRead<Reply> overview;
  private final SharedRead<Reply> workers;

  /**
   * @param cache what the cache of messages has done, null if there is none
   * @param freshMs how old what is shared may be
   */
  StateApi(
      Standings standings,
      Tallies tallies,
      AuditLog log,
      Running running,
      Supplier<CacheFigures> cache,
      long freshMs,
      InstantSource clock,
      LongSupplier nanos) {
    this.standings = standings;
    this.tallies = tallies;
    this.log = log;
    this.running = running;
    this.cache = cache;
    this.clock = clock;
    this.overview = new SharedRead<>(this::look, SHARED_MS, freshMs, nanos);
    this.workers = new SharedRead<>(this::atWork, SHARED_MS, freshMs, nanos);
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/api/v1/overview", Endpoint.STAFF, this::overview),
        Endpoint.get("/api/v1/workers", Endpoint.STAFF, this::workers),
        Endpoint.get("/api/v1/audit", Endpoint.STAFF, this::audit));
  }

  /** Something was changed from here: who looks next sees it. */
  void forget() {
    List.of(overview, workers).forEach(SharedRead::forget);
  }

  private Future<Reply> overview(Ask ask) {
    ask.query().end();
    return overview.get();
  }

  private Future<Reply> workers(Ask ask) {
    ask.query().end();
    return workers.get();
  }

  private Future<Reply> look() {
    LocalDate today = clock.instant().atOffset(ZoneOffset.UTC).toLocalDate();
    Future<List<JsonObject>> living = standings.living();
    Future<JsonObject> waiting = standings.waiting();
    Future<JsonObject> mailboxes = standings.mailboxes();
    Future<List<Tallies.Tally>> ended = tallies.since(today.minusDays(1));
    return Future.all(living, waiting, mailboxes, ended)
        .map(
            v ->
                new JsonObject()
                    .put("running", running.json())
                    .put("countedTo", Standings.COUNTED)
                    .put("kinds", new JsonArray(living.result()))
                    .put("waiting", waiting.result())
                    .put("mailboxes", mailboxes.result())
                    .put(
                        "ended",
                        new JsonArray(ended.result().stream().map(StateApi::tally).toList()))
                    .put("cache", cache == null ? null : cacheJson(cache.get())))
        .map(Reply::tagged);
  }

  private static JsonObject tally(Tallies.Tally tally) {
    return new JsonObject()
        .put("day", tally.day().toString())
        .put("kind", tally.kind())
        .put("state", tally.state())
        .put("jobs", tally.jobs())
        .put("ran", tally.ran())
        .put("runMs", tally.runMs())
        .put("waitMs", tally.waitMs());
  }

  static JsonObject cacheJson(CacheFigures now) {
    return new JsonObject()
        .put("hitRate", now.hitRate())
        .put("asks", now.asks())
        .put("memoryHits", now.memoryHits())
        .put("redisHits", now.redisHits())
        .put("shared", now.shared())
        .put("loads", now.loads())
        .put("warmed", now.warmed())
        .put("redisFailures", now.redisFailures())
        .put("redisRefused", now.redisRefused());
  }

  private Future<Reply> atWork() {
    return standings.workers(ROWS).map(all -> Reply.tagged(Reply.page(all, null)));
  }

  private Future<Reply> audit(Ask ask) {
    Fields query = ask.query();
    String actor = query.text("actor", 320);
    String action = query.text("action", 100);
    String target = query.text("target", 300);
    OffsetDateTime from = query.time("from");
    OffsetDateTime until = query.time("until");
    Long before = query.number("after", 0, Long.MAX_VALUE);
    Integer limit = query.integer("limit", 1, AuditLog.MOST);
    query.end();
    int most = limit == null ? 50 : limit;
    return log.list(new AuditLog.Filter(actor, action, target, from, until), before, most)
        .map(
            rows ->
                Reply.tagged(
                    Reply.page(
                        rows.stream().map(StateApi::logged).toList(),
                        rows.size() < most ? null : Long.toString(rows.get(most - 1).id()))));
  }

  private static JsonObject logged(AuditLog.Logged row) {
    return new JsonObject()
        .put("id", row.id())
        .put("at", row.at().toInstant().toString())
        .put("actor", row.entry().actor())
        .put("role", row.entry().role())
        .put("action", row.entry().action())
        .put("target", row.entry().target())
        .put("origin", row.entry().origin())
        .put("detail", row.entry().detail())
        .put("result", row.result());
  }
}
