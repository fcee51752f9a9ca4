package io.millrace.console;

import io.millrace.engine.Enqueuer;
import io.millrace.pipeline.GmailSync;
import io.millrace.pipeline.MailboxSwitch;
import io.millrace.pipeline.MailboxWait;
import io.millrace.pipeline.MailboxWaits;
import io.millrace.store.EndUsers;
import io.millrace.store.JobOptions;
import io.millrace.store.MailboxDesk;
import io.millrace.store.NewJob;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Mailboxes: how far they are, and the switches that each has. */
final class MailboxApi {
  private static final String RECOUNT = "{\"recount\":true}";
  private static final Problem NONE = Problem.missing("mailbox");
  private static final Problem PAUSED =
      new Problem(409, "paused", "This mailbox is paused: resume it first.");
  private static final Problem DISCONNECTED =
      new Problem(409, "disconnected", "This mailbox has no grant of Google's: connect it first.");
  private static final Problem RUNS =
      new Problem(409, "running", "A sync of this mailbox runs; try again when it has ended.");
  private static final Problem THERE =
      new Problem(
          409, "under_way", "A sync of this mailbox is under way already, or waits for its time.");
  private static final Problem UNCHANGED =
      new Problem(409, "unchanged", "This mailbox is in that state already.");

  private final Pool pool;
  private final Pool reads;
  private final EndUsers endUsers;
  private final Enqueuer enqueuer;
  private final Acts acts;
  private final MailboxWaits waits;
  private final MailboxSwitch switches;
  private final MailboxDesk desk;

  MailboxApi(ApiParts parts, Acts acts, MailboxDesk desk) {
    this.pool = parts.pool();
    this.reads = parts.reads();
    this.endUsers = parts.endUsers();
    this.enqueuer = parts.enqueuer();
    this.waits = parts.waits();
    this.switches = parts.switches();
    this.acts = acts;
    this.desk = desk;
  }

  List<Endpoint> endpoints() {
    String one = "/api/v1/mailboxes/:user";
    return List.of(
        Endpoint.get("/api/v1/mailboxes", Endpoint.ALL, this::list),
        Endpoint.get(one, Endpoint.ALL, this::get),
        Endpoint.post(one + "/sync", Endpoint.OWNERS, this::sync),
        Endpoint.post(one + "/pause", Endpoint.OWNERS, this::pause),
        Endpoint.post(one + "/resume", Endpoint.OWNERS, this::resume),
        Endpoint.post(one + "/resync", Endpoint.OPERATORS, this::resync),
        Endpoint.post(one + "/disconnect", Endpoint.OWNERS, this::disconnect));
  }

  private <T> Future<T> read(Ask ask, Function<SqlClient, Future<T>> question) {
    return ask.caller().endUser()
        ? endUsers.as(Math.max(0, ask.caller().user()), question::apply)
        : question.apply(reads);
  }

  private Future<Reply> list(Ask ask) {
    Fields query = ask.query();
    Long after = query.number("after", 0, Long.MAX_VALUE);
    Integer limit = query.integer("limit", 1, MailboxDesk.MOST);
    query.end();
    int most = limit == null ? 50 : limit;
    if (ask.caller().endUser() && ask.caller().user() == Caller.NOBODY) {
      return Future.succeededFuture(Reply.tagged(Reply.page(List.of(), null)));
    }
    return this.<List<JsonObject>>read(
            ask, client -> desk.list(client, after == null ? 0 : after, most))
        .map(
            all ->
                Reply.tagged(
                    Reply.page(
                        all,
                        all.size() < most
                            ? null
                            : Long.toString(all.get(most - 1).getLong("user")))));
  }

  /** The user in the path; an end user finds none but their own. */
  private static long user(Ask ask) {
    long user = ask.id("user");
    if (ask.caller().endUser() && ask.caller().user() != user) {
      throw NONE.exception();
    }
    return user;
  }

  private Future<Reply> get(Ask ask) {
    ask.query().end();
    long user = ask.id("user");
    return this.<Optional<JsonObject>>read(ask, client -> desk.get(client, user))
        .map(found -> found.orElseThrow(NONE::exception))
        .compose(
            mailbox ->
                waits
                    .of(user)
                    .map(
                        wait ->
                            Reply.tagged(
                                mailbox.put(
                                    "wait",
                                    wait.map(w -> ask.caller().endUser() ? Waits.forEndUser(w) : w)
                                        .map(MailboxApi::told)
                                        .orElse(null)))));
  }

  private static JsonObject told(MailboxWait wait) {
    MailboxWait.Progress at = wait.progress();
    return new JsonObject()
        .put("reason", wait.reason().name().toLowerCase(Locale.ROOT))
        .put("sentence", wait.sentence())
        .put("until", text(wait.until()))
        .put("since", text(wait.since()))
        .put("action", wait.action().name().toLowerCase(Locale.ROOT))
        .put("remedy", wait.remedy())
        .put("job", wait.job())
        .put(
            "progress",
            at == null
                ? null
                : new JsonObject()
                    .put("phase", at.phase())
                    .put("listed", at.listed())
                    .put("deferred", at.deferred())
                    .put("estimate", at.estimate())
                    .put("perSecond", at.perSecond())
                    .put("end", text(at.end())));
  }

  private static String text(Instant instant) {
    return instant == null ? null : instant.toString();
  }

  private Future<Reply> sync(Ask ask) {
    ask.body().end();
    return switched(ask, "mailbox.sync", new JsonObject(), this::now);
  }

  private Future<Reply> resync(Ask ask) {
    ask.body().end();
    return switched(ask, "mailbox.resync", new JsonObject(), this::again);
  }

  private Future<Reply> pause(Ask ask) {
    Fields body = ask.body();
    String why = body.text("reason", 500);
    body.end();
    return switched(
        ask,
        "mailbox.pause",
        new JsonObject().put("reason", why),
        (p, user) -> p.withTransaction(c -> switches.pause(c, user, why)));
  }

  private Future<Reply> resume(Ask ask) {
    ask.body().end();
    return switched(
        ask,
        "mailbox.resume",
        new JsonObject(),
        (p, user) -> p.withTransaction(c -> switches.resume(c, user)));
  }

  private Future<Reply> disconnect(Ask ask) {
    long user = user(ask);
    ask.body().end();
    return desk.get(pool, user)
        .map(found -> found.orElseThrow(NONE::exception))
        .compose(v -> switches.unwatch(user))
        .compose(
            v ->
                switched(
                    ask,
                    "mailbox.disconnect",
                    new JsonObject(),
                    (p, u) -> p.withTransaction(c -> switches.disconnect(c, u))))
        .onSuccess(v -> switches.forget(user));
  }

  /** What is done to a mailbox in the transaction that has locked it. */
  private interface Switch {
    Future<Boolean> on(Pool transaction, long user);
  }

  private Future<Reply> switched(Ask ask, String action, JsonObject detail, Switch change) {
    long user = user(ask);
    return acts.act(
            ask,
            action,
            "mailbox " + user,
            detail,
            scope -> scope.run(p -> found(p, user).compose(at -> change.on(p, user))),
            Results.changed(UNCHANGED))
        .onSuccess(v -> enqueuer.wake());
  }

  private Future<MailboxDesk.Standing> found(Pool p, long user) {
    return desk.lock(p, user).map(at -> at.orElseThrow(NONE::exception));
  }

  private Future<MailboxDesk.Standing> ready(Pool p, long user) {
    return found(p, user)
        .map(
            at -> {
              if (at.paused()) {
                throw PAUSED.exception();
              }
              if (!at.granted()) {
                throw DISCONNECTED.exception();
              }
              return at;
            });
  }

  private Future<Boolean> now(Pool p, long user) {
    NewJob sync = NewJob.of(user, GmailSync.KIND, "{}").once(GmailSync.DEDUP_KEY);
    return ready(p, user)
        .compose(at -> p.withTransaction(c -> enqueuer.enqueue(c, List.of(sync))))
        .compose(ids -> ids.get(0) == null ? desk.hurry(p, user) : Future.succeededFuture(true))
        .map(
            changed -> {
              if (!changed) {
                throw THERE.exception();
              }
              return true;
            });
  }

  private Future<Boolean> again(Pool p, long user) {
    NewJob sync =
        NewJob.of(user, GmailSync.KIND, RECOUNT)
            .once(GmailSync.DEDUP_KEY)
            .with(JobOptions.NONE.onDuplicate(JobOptions.OnDuplicate.REPLACE));
    return ready(p, user)
        .compose(at -> p.withTransaction(c -> enqueuer.enqueue(c, List.of(sync))))
        .map(
            ids -> {
              if (ids.get(0) == null) {
                throw RUNS.exception();
              }
              return true;
            });
  }
}
