package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Jobs as people look at them: lists and single ones, of all states. Reads by whatever client it is
 * given, so that one whose rights are narrower sees less. Stateless.
 */
public final class JobList {
  /** The most jobs on a page. */
  public static final int MOST = 500;

  /** Ids that one page looks through. */
  static final int SPAN = 20_000;

  /** Ids that are looked through first, as mostly they are enough for a page. */
  private static final int GLANCE = 1_000;

  /** The states that a job can be in, as they are told. */
  public static final List<String> STATES =
      List.of(
          "waiting", "scheduled", "ready", "running", "completed", "skipped", "cancelled", "dead");

  private static final String LIST = Sql.named("list_jobs");
  private static final String DETAIL = Sql.named("job_detail");
  private static final String COUNT = Sql.named("count_jobs");

  /**
   * Which jobs are meant. What is null does not matter.
   *
   * @param state one of {@link #STATES}
   * @param from came into its state then or later
   * @param until came into its state before
   * @param error stands in the last error's text, whatever the case
   */
  public record Filter(
      String kind,
      String state,
      Long user,
      Long batch,
      OffsetDateTime from,
      OffsetDateTime until,
      String error) {}

  /**
   * A page.
   *
   * @param next below which id the next one begins; null after the last. A page may be short, or
   *     empty, although there is a next one: how much is looked at is bounded
   */
  public record Page(List<JsonObject> jobs, Long next) {}

  /**
   * Lists jobs, the newest first.
   *
   * @param before only ids below this one; null for the newest
   * @param most 1 to {@link #MOST}
   */
  public Future<Page> list(SqlClient client, Filter filter, Long before, int most) {
    int bound = Math.min(MOST, Math.max(1, most));
    return kind(client, filter.kind())
        .compose(
            kind ->
                look(client, filter, kind, before, GLANCE, bound)
                    .compose(
                        page ->
                            page.jobs().size() == bound || page.next() == null
                                ? Future.succeededFuture(page)
                                : look(client, filter, kind, before, SPAN, bound)));
  }

  private static Future<Page> look(
      SqlClient client, Filter filter, Short kind, Long before, int span, int bound) {
    return client
        .preparedQuery(LIST)
        .execute(
            Tuple.tuple()
                .addValue(before)
                .addValue((long) span)
                .addValue((long) bound)
                .addValue(kind)
                .addValue(filter.state())
                .addValue(filter.user())
                .addValue(filter.batch())
                .addValue(filter.from())
                .addValue(filter.until())
                .addValue(filter.error()))
        .map(
            rows -> {
              List<JsonObject> jobs = new ArrayList<>(rows.size());
              Long next = null;
              for (Row row : rows) {
                if (row.getLong("id") != null) {
                  jobs.add(line(row));
                }
                next = row.getLong("floor") > row.getLong("low") ? row.getLong("floor") : null;
              }
              return new Page(
                  jobs, jobs.size() == bound ? jobs.get(bound - 1).getLong("id") : next);
            });
  }

  private static Future<Short> kind(SqlClient client, String name) {
    return name == null
        ? Future.succeededFuture()
        : client
            .preparedQuery("select id from job_kind where name = $1")
            .execute(Tuple.of(name))
            .map(
                rows ->
                    rows.size() == 0
                        ? Short.valueOf((short) -1)
                        : rows.iterator().next().getShort(0));
  }

  private static JsonObject line(Row row) {
    return new JsonObject()
        .put("id", row.getLong("id"))
        .put("user", row.getLong("user_id"))
        .put("kind", row.getString("kind"))
        .put("state", row.getString("state"))
        .put("priority", row.getInteger("priority"))
        .put("runs", row.getInteger("run"))
        .put("failures", row.getInteger("failures"))
        .put("at", time(row, "at"))
        .put("createdAt", time(row, "created_at"))
        .put("batch", row.getLong("batch_id"))
        .put("key", row.getString("dedup_key"))
        .put("error", row.getString("error"));
  }

  static String time(Row row, String column) {
    OffsetDateTime at = row.getOffsetDateTime(column);
    return at == null ? null : at.toInstant().toString();
  }

  /** All that is known of a job; empty if there is none, or none that the client may see. */
  public Future<Optional<JsonObject>> get(SqlClient client, long id) {
    return client
        .preparedQuery(DETAIL)
        .execute(Tuple.of(id))
        .map(
            rows ->
                rows.size() == 0 ? Optional.empty() : Optional.of(detail(rows.iterator().next())));
  }

  private static JsonObject detail(Row row) {
    return new JsonObject()
        .put("id", row.getLong("id"))
        .put("user", row.getLong("user_id"))
        .put("kind", row.getString("kind"))
        .put("queue", row.getString("queue"))
        .put("state", row.getString("state"))
        .put("priority", row.getInteger("priority"))
        .put("runs", row.getInteger("run"))
        .put("failures", row.getInteger("failures"))
        .put("createdAt", time(row, "created_at"))
        .put("dueAt", time(row, "due_at"))
        .put("readyAt", time(row, "ready_at"))
        .put("startedAt", time(row, "started_at"))
        .put("endedAt", time(row, "ended_at"))
        .put("deadline", time(row, "deadline"))
        .put("worker", row.getInteger("worker"))
        .put("note", row.getString("note"))
        .put("batch", row.getLong("batch_id"))
        .put("key", row.getString("dedup_key"))
        .put("unit", row.getString("unit"))
        .put("trace", row.getString("trace"))
        .put("redrivenAs", row.getLong("redriven_as"))
        .put("payload", json(row, "payload"))
        .put("progress", json(row, "progress"))
        .put("checkpoint", json(row, "checkpoint"))
        .put("progressAt", time(row, "updated_at"))
        .put("error", json(row, "error"))
        .put("attempts", array(row, "attempts"))
        .put("parents", array(row, "parents"))
        .put("children", array(row, "children"));
  }

  private static Object json(Row row, String column) {
    String text = row.getString(column);
    return text == null ? null : Json.decodeValue(text);
  }

  private static JsonArray array(Row row, String column) {
    String text = row.getString(column);
    return text == null ? new JsonArray() : new JsonArray(text);
  }

  /** Whose job it is; empty if there is none. */
  public Future<Optional<Long>> owner(SqlClient client, long id) {
    return client
        .preparedQuery("select user_id from job where id = $1 limit 1")
        .execute(Tuple.of(id))
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : Optional.of(rows.iterator().next().getLong(0)));
  }

  /** How many unfinished jobs a filter means now. */
  public Future<Meant> count(SqlClient client, JobFilter filter) {
    return client
        .preparedQuery(COUNT)
        .execute(
            Tuple.of(
                filter.kind(),
                filter.user(),
                filter.batch(),
                filter.until(),
                filter.upTo(),
                (long) Meant.LOOKED_AT))
        .map(rows -> rows.iterator().next())
        .map(
            row ->
                new Meant(
                    row.getLong("meant"),
                    row.getLong("seen") == Meant.LOOKED_AT,
                    row.getOffsetDateTime("at").toInstant(),
                    row.getLong("up_to")));
  }
}
