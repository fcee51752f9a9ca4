package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * How queues, kinds, workers and quota stand, for people: each question is one statement whose cost
 * does not grow with the tables. Thread-safe.
 */
public final class Standings {
  /** Up to which living jobs of a kind are counted. */
  public static final int COUNTED = 1_000;

  /** Running jobs that are looked at. */
  private static final int AT_WORK = 20_000;

  /** Mailboxes that are added up. */
  private static final int ADDED_UP = 10_000;

  private static final String OVERVIEW = Sql.named("overview");
  private static final String QUEUES = Sql.named("list_queues");

  private final Pool pool;

  /** Works on the pool's connections. */
  public Standings(Pool pool) {
    this.pool = pool;
  }

  /**
   * The kinds with what lives of each; a count of {@link #COUNTED} means as many or more. {@code
   * headSeconds} is for how long the job has been ready that is claimed next.
   */
  public Future<List<JsonObject>> living() {
    return pool.preparedQuery(OVERVIEW)
        .execute(Tuple.of((long) COUNTED, (long) AT_WORK))
        .map(
            rows ->
                list(
                    rows,
                    row ->
                        new JsonObject()
                            .put("kind", row.getString("kind"))
                            .put("queue", row.getString("queue"))
                            .put("paused", row.getBoolean("paused"))
                            .put("ready", row.getLong("ready"))
                            .put("running", row.getLong("running"))
                            .put("dead", row.getLong("dead"))
                            .put("headSeconds", row.getDouble("head_seconds"))));
  }

  /** How many jobs are due later, up to a bound. */
  public Future<JsonObject> waiting() {
    return pool.preparedQuery(
            """
            select (select count(*) from (select from job_scheduled limit $1) s) as scheduled,
                   (select count(*) from (select from job_waiting limit $1) w) as waiting,
                   (select count(*) from (select from job_aside limit $1) a) as aside""")
        .execute(Tuple.of((long) COUNTED))
        .map(rows -> rows.iterator().next())
        .map(
            row ->
                new JsonObject()
                    .put("scheduled", row.getLong("scheduled"))
                    .put("parents", row.getLong("waiting"))
                    .put("limits", row.getLong("aside")));
  }

  /** The sums over the mailboxes that were connected first, at most ten thousand. */
  public Future<JsonObject> mailboxes() {
    return pool.preparedQuery(
            """
            select count(*) as mailboxes, count(*) filter (where r.phase = 'complete') as in_sync,
                   count(m.trouble) as in_trouble, count(m.paused_at) as paused, count(m.disconnected_at) as disconnected,
                   coalesce(sum(r.estimate), 0)::bigint as estimate, coalesce(sum(r.listed), 0)::bigint as accounted,
                   coalesce(sum(r.stored), 0)::bigint as stored,
                   coalesce(sum(r.dead_lettered), 0)::bigint as dead_lettered
              from (select * from mailbox order by user_id limit $1) m
              left join sync_run r on r.user_id = m.user_id and r.run_id = m.full_run""")
        .execute(Tuple.of((long) ADDED_UP))
        .map(rows -> rows.iterator().next())
        .map(
            row ->
                new JsonObject()
                    .put("mailboxes", row.getLong("mailboxes"))
                    .put("inSync", row.getLong("in_sync"))
                    .put("inTrouble", row.getLong("in_trouble"))
                    .put("paused", row.getLong("paused"))
                    .put("disconnected", row.getLong("disconnected"))
                    .put("estimate", row.getLong("estimate"))
                    .put("accounted", row.getLong("accounted"))
                    .put("stored", row.getLong("stored"))
                    .put("deadLettered", row.getLong("dead_lettered")));
  }

  /** The queues, with what lives of each. */
  public Future<List<JsonObject>> queues() {
    return pool.preparedQuery(QUEUES)
        .execute(Tuple.of((long) COUNTED, (long) AT_WORK))
        .map(
            rows ->
                list(
                    rows,
                    row ->
                        new JsonObject()
                            .put("name", row.getString("name"))
                            .put("paused", row.getBoolean("paused"))
                            .put("maxRunning", row.getInteger("max_running"))
                            .put("ready", row.getLong("ready"))
                            .put("running", row.getLong("running"))
                            .put(
                                "kinds",
                                new JsonArray(Arrays.asList(row.getArrayOfStrings("kinds"))))));
  }

  /** The kinds with their limits. */
  public Future<List<JsonObject>> kinds() {
    return pool.query(
            """
            select name, queue, paused, max_running, max_per_user, max_per_key, user_group, keep_days
              from job_kind order by name limit 500""")
        .execute()
        .map(
            rows ->
                list(
                    rows,
                    row ->
                        new JsonObject()
                            .put("name", row.getString("name"))
                            .put("queue", row.getString("queue"))
                            .put("paused", row.getBoolean("paused"))
                            .put("maxRunning", row.getInteger("max_running"))
                            .put("maxPerUser", row.getInteger("max_per_user"))
                            .put("maxPerKey", row.getInteger("max_per_key"))
                            .put("userGroup", row.getString("user_group"))
                            .put("keepDays", row.getInteger("keep_days"))));
  }

  /** The worker processes that live or have lived lately, the newest first. */
  public Future<List<JsonObject>> workers(int most) {
    return pool.preparedQuery(
            """
            with at_work as materialized (
              select worker, count(*) as n from (select worker from job_running limit $2) r group by worker
            )
            select w.id, w.host, w.pid, w.started_at, w.expires_at, w.stopped_at,
                   case when w.stopped_at is not null then 'stopped'
                        when w.expires_at < clock() then 'lost' else 'alive' end as state,
                   coalesce((select a.n from at_work a where a.worker = w.id), 0) as running,
                   array(select k.name from job_kind k where k.id = any(w.kinds) order by 1) as kinds
              from worker w order by w.id desc limit $1""")
        .execute(Tuple.of((long) most, (long) AT_WORK))
        .map(
            rows ->
                list(
                    rows,
                    row ->
                        new JsonObject()
                            .put("id", row.getInteger("id"))
                            .put("host", row.getString("host"))
                            .put("pid", row.getLong("pid"))
                            .put("state", row.getString("state"))
                            .put("startedAt", JobList.time(row, "started_at"))
                            .put("expiresAt", JobList.time(row, "expires_at"))
                            .put("stoppedAt", JobList.time(row, "stopped_at"))
                            .put("running", row.getLong("running"))
                            .put(
                                "kinds",
                                new JsonArray(Arrays.asList(row.getArrayOfStrings("kinds"))))));
  }

  /** Buckets of the quota ledger that are used now, closed or those of a day, at most so many. */
  public Future<List<JsonObject>> ledger(int most) {
    return pool.preparedQuery(
            """
            select l.scope, l.key, l.leased_until, l.leased_units, l.closed_until, a.email,
                   case l.scope when 'user' then
                     (select sum(u.units)::bigint from usage_daily u
                       where u.day = (clock() at time zone 'UTC')::date and u.user_id = l.key)
                   end as today
              from quota_ledger l left join account a on l.scope = 'user' and a.user_id = l.key
             where l.closed_until > clock() or l.leased_until > clock() - interval '1 minute'
                or l.scope = 'day' and l.key >= (select max(key) - 1 from quota_ledger where scope = 'day')
             order by l.scope, l.key limit $1""")
        .execute(Tuple.of((long) most))
        .map(
            rows ->
                list(
                    rows,
                    row ->
                        new JsonObject()
                            .put("scope", row.getString("scope"))
                            .put("key", row.getLong("key"))
                            .put("email", row.getString("email"))
                            .put("leasedUntil", JobList.time(row, "leased_until"))
                            .put("units", row.getLong("leased_units"))
                            .put("unitsToday", row.getLong("today"))
                            .put("closedUntil", JobList.time(row, "closed_until"))));
  }

  /** The limits of keys that jobs name themselves. */
  public Future<List<JsonObject>> keys(int most) {
    return pool.preparedQuery("select key, max_running from job_limit order by key limit $1")
        .execute(Tuple.of((long) most))
        .map(
            rows ->
                list(
                    rows,
                    row ->
                        new JsonObject()
                            .put("key", row.getString("key"))
                            .put("maxRunning", row.getInteger("max_running"))));
  }

  private static <T> List<T> list(RowSet<Row> rows, Function<Row, T> map) {
    List<T> all = new ArrayList<>(rows.size());
    rows.forEach(row -> all.add(map.apply(row)));
    return all;
  }
}
