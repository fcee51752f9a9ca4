package io.millrace.console;

import io.millrace.engine.Enqueuer;
import io.millrace.engine.Operator;
import io.millrace.store.EndUsers;
import io.millrace.store.JobFilter;
import io.millrace.store.JobList;
import io.millrace.store.NewJob;
import io.millrace.store.WaitReasons;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Jobs: to look at, to bring in, to stop and to move. */
final class JobsApi {
  private static final Set<String> LIVE = Set.of("waiting", "scheduled", "ready", "running");
  private static final Problem NONE = Problem.missing("job");

  private final Pool reads;
  private final WaitReasons reasons;
  private final EndUsers endUsers;
  private final Enqueuer enqueuer;
  private final Operator operator;
  private final Acts acts;
  private final Allowance allowance;
  private final JobList jobs = new JobList();

  JobsApi(
      Pool reads,
      EndUsers endUsers,
      Enqueuer enqueuer,
      Operator operator,
      Acts acts,
      int jobsPerUser) {
    this.reads = reads;
    this.reasons = new WaitReasons(reads);
    this.endUsers = endUsers;
    this.enqueuer = enqueuer;
    this.operator = operator;
    this.acts = acts;
    this.allowance = new Allowance(jobsPerUser, System::nanoTime);
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.get("/api/v1/jobs", Endpoint.ALL, this::list),
        Endpoint.post("/api/v1/jobs", Endpoint.OPERATORS, this::enqueue)
            .upTo(NewJob.MAX_PAYLOAD_BYTES + 64 * 1024),
        Endpoint.post("/api/v1/jobs/bulk", Endpoint.OPERATORS, this::bulk),
        Endpoint.get("/api/v1/jobs/:job", Endpoint.ALL, this::get),
        Endpoint.post("/api/v1/jobs/:job/cancel", Endpoint.OPERATORS, this::cancel),
        Endpoint.post("/api/v1/jobs/:job/hurry", Endpoint.OPERATORS, this::hurry),
        Endpoint.post("/api/v1/jobs/:job/priority", Endpoint.OPERATORS, this::priority));
  }

  /** What is read for an end user goes by a connection that sees nothing else. */
  private <T> Future<T> read(Ask ask, Function<SqlClient, Future<T>> question) {
    return ask.caller().endUser()
        ? endUsers.as(Math.max(0, ask.caller().user()), question::apply)
        : question.apply(reads);
  }

  private static boolean nobody(Ask ask) {
    return ask.caller().endUser() && ask.caller().user() == Caller.NOBODY;
  }

  private Future<Reply> list(Ask ask) {
    Fields query = ask.query();
    JobList.Filter filter =
        new JobList.Filter(
            query.text("kind", 200),
            query.choice("state", JobList.STATES),
            query.number("user", 0, Long.MAX_VALUE),
            query.number("batch", 0, Long.MAX_VALUE),
            query.time("from"),
            query.time("until"),
            query.text("error", 200));
    Long before = query.number("after", 0, Long.MAX_VALUE);
    Integer limit = query.integer("limit", 1, JobList.MOST);
    query.end();
    if (nobody(ask)) {
      return Future.succeededFuture(Reply.tagged(Reply.page(List.of(), null)));
    }
    return this.<JobList.Page>read(
            ask, client -> jobs.list(client, filter, before, limit == null ? 50 : limit))
        .map(
            page ->
                Reply.tagged(
                    Reply.page(
                        page.jobs(), page.next() == null ? null : Long.toString(page.next()))));
  }

  private Future<Reply> get(Ask ask) {
    ask.query().end();
    long id = ask.id("job");
    if (nobody(ask)) {
      throw NONE.exception();
    }
    return this.<Optional<JsonObject>>read(ask, client -> jobs.get(client, id))
        .map(found -> found.orElseThrow(NONE::exception))
        .map(job -> ask.caller().endUser() ? forEndUser(job) : job)
        .compose(
            job ->
                waits(job)
                    .map(
                        causes ->
                            Reply.tagged(
                                job.put(
                                    "waitsFor",
                                    ask.caller().endUser() ? Waits.forEndUser(causes) : causes))));
  }

  /** Where a fault lies inside is nothing that an end user could do anything about. */
  private static JsonObject forEndUser(JsonObject job) {
    Object error = job.getValue("error");
    if (error instanceof JsonObject told) {
      job.put("error", new JsonObject().put("message", told.getString("message")));
    }
    return job.put("attempts", new JsonArray()).putNull("checkpoint").putNull("worker");
  }

  private Future<JsonArray> waits(JsonObject job) {
    return LIVE.contains(job.getString("state"))
        ? Waits.of(reasons, job.getLong("user"), job.getLong("id"))
        : Future.succeededFuture(new JsonArray());
  }

  private Future<Reply> enqueue(Ask ask) {
    Fields body = ask.body();
    String kind = body.required("kind", body.text("kind", 200));
    Long user = body.required("user", body.number("user", 0, Long.MAX_VALUE));
    JsonObject payload = body.required("payload", body.object("payload"));
    Integer priority = body.integer("priority", -10, 10);
    String key = body.text("key", 500);
    OffsetDateTime runAt = body.time("runAt");
    body.end();
    NewJob job =
        new NewJob(
            user,
            kind,
            priority == null ? 0 : priority,
            payload.encode(),
            key,
            runAt == null ? null : runAt.toInstant());
    JsonObject detail =
        new JsonObject()
            .put("kind", kind)
            .put("priority", job.priority())
            .put("key", key)
            .put("runAt", runAt == null ? null : runAt.toString());
    return acts.act(
            ask,
            "job.enqueue",
            "user " + user,
            detail,
            scope -> {
              room(ask, user);
              return scope.run(
                  p ->
                      p.withTransaction(c -> enqueuer.enqueue(c, List.of(job)))
                          .map(ids -> brought(ids.get(0))));
            },
            Results::job)
        .onSuccess(v -> enqueuer.wake());
  }

  private void room(Ask ask, long user) {
    int wait = allowance.take(user);
    if (wait > 0) {
      ask.context().response().putHeader("Retry-After", Integer.toString(wait));
      throw new Problem(
              429,
              "too_many_jobs",
              "User %d was given as many jobs in an hour as console.jobsPerUser allows; there is room again in %d s."
                  .formatted(user, wait))
          .exception();
    }
  }

  private static Long brought(Long id) {
    if (id == null) {
      throw new Problem(409, "key_taken", "A job with this key lives already.").exception();
    }
    return id;
  }

  private Future<Long> owner(long job) {
    return jobs.owner(reads, job).map(found -> found.orElseThrow(NONE::exception));
  }

  private Future<Reply> cancel(Ask ask) {
    long id = ask.id("job");
    Fields body = ask.body();
    String reason = reason(ask, body);
    body.end();
    return owner(id)
        .compose(
            user ->
                acts.act(
                    ask,
                    "job.cancel",
                    "job " + id,
                    new JsonObject().put("reason", reason),
                    scope -> operator.within(scope).cancel(user, id, reason),
                    Results::cancelled));
  }

  private static String reason(Ask ask, Fields body) {
    String given = body.text("reason", 500);
    return given == null ? "cancelled by " + ask.caller().name() : given;
  }

  private Future<Reply> hurry(Ask ask) {
    long id = ask.id("job");
    ask.body().end();
    return owner(id)
        .compose(
            user ->
                acts.act(
                    ask,
                    "job.hurry",
                    "job " + id,
                    new JsonObject(),
                    scope -> operator.within(scope).hurry(user, id),
                    Results.changed(
                        new Problem(
                            409, "not_scheduled", "This job does not wait for its time."))));
  }

  private Future<Reply> priority(Ask ask) {
    long id = ask.id("job");
    Fields body = ask.body();
    Integer priority = body.required("priority", body.integer("priority", -10, 10));
    body.end();
    return owner(id)
        .compose(
            user ->
                acts.act(
                    ask,
                    "job.priority",
                    "job " + id,
                    new JsonObject().put("priority", priority),
                    scope -> operator.within(scope).reprioritise(user, id, priority),
                    Results::reprioritised));
  }

  /** One step of many, or with {@code dryRun} how many it would be. */
  private Future<Reply> bulk(Ask ask) {
    Fields body = ask.body();
    body.required("action", body.choice("action", List.of("cancel")));
    JsonObject wanted = body.required("filter", body.object("filter"));
    Boolean dryRun = body.flag("dryRun");
    Long after = body.number("after", 0, Long.MAX_VALUE);
    String reason = reason(ask, body);
    body.end();
    Fields of = Fields.filter(wanted);
    JobFilter filter =
        new JobFilter(
            of.text("kind", 200),
            of.number("user", 0, Long.MAX_VALUE),
            of.number("batch", 0, Long.MAX_VALUE),
            of.time("until"),
            of.number("upTo", 0, Long.MAX_VALUE));
    of.end();
    if (Boolean.TRUE.equals(dryRun)) {
      return jobs.count(reads, filter)
          .map(meant -> Reply.of(Results.meant(meant).put("upTo", meant.upTo())));
    }
    return acts.act(
        ask,
        "job.cancelMany",
        "jobs",
        new JsonObject().put("filter", wanted).put("after", after).put("reason", reason),
        scope ->
            operator
                .within(scope)
                .cancelSome(
                    filter,
                    after == null ? 0 : after,
                    io.millrace.store.Operations.MOST_A_STEP,
                    reason),
        Results::step);
  }
}
