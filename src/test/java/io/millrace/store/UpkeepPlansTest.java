package io.millrace.store;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What upkeep and people ask for regularly, among a hundred thousand rows of each table: nothing
 * reads a whole table, and each touches a bounded number of pages.
 */
@Timeout(300)
class UpkeepPlansTest {
  private static final int ROWS = 100_000;

  /** Pages: some hundreds of rows of a step, each looked up in every table and day. */
  private static final long MOST = 120_000;

  private static final Pattern WHOLE =
      Pattern.compile(
          "Seq Scan on (job_(?:ready|running|scheduled|aside|progress|dedup|waiting|edge|body|outcome"
              + "|dead|batch)\\S*)[^\\n]*\\(actual rows=(\\d+)");

  private WatchedPlans plans;

  @BeforeEach
  void fill() throws Exception {
    new JobsTestKit();
    StoreTestKit.run("truncate change_cursor");
    await(new Kinds(pool()).ids(List.of("plan-a", "plan-b")));
    PlansTest.fill(ROWS);
    for (String sql :
        List.of(
            """
            insert into job_body (id, user_id, created_at, batch_id, day, kind, priority, payload)
            select id, user_id, clock(), 1 + id % 10, day, kind, 0, '{}'
              from (select id, user_id, day, kind from job_ready
                    union all select id, user_id, day, kind from job_running
                    union all select id, user_id, day, kind from job_scheduled
                    union all select id, user_id, day, kind from job_aside) l
             where $1::int > 0""",
            """
            insert into job_waiting (user_id, id, day, unfinished, kind, priority, ties)
            select i, 40000000 + i, current_date, 1, k.id, 0, 0
              from generate_series(1, $1::int) i join job_kind k on k.name = 'plan-a'""",
            """
            insert into job_edge (parent_user, parent, child_user, child, on_dead)
            select i, 10000000 + i, i, 40000000 + i, 'hold' from generate_series(1, $1::int) i""",
            """
            insert into job_outcome (user_id, id, xid, finished_at, day, body_day, run, state, kind, failures)
            select i, 50000000 + i, pg_current_xact_id(), clock(), (clock() at time zone 'UTC')::date,
                   current_date, 1, 'completed', k.id, 0
              from generate_series(1, $1::int) i join job_kind k on k.name = 'plan-a'""",
            """
            insert into job_dead (user_id, id, dead_at, day, run, kind, priority, failures, ties, reason, error)
            select i % 100, 60000000 + i, clock() - i * interval '1 second', current_date, 1, k.id, 0, 1, 0,
                   'test', '{"failure":"data"}'
              from generate_series(1, $1::int) i
              join job_kind k on k.name = case when i % 2 = 0 then 'plan-a' else 'plan-b' end""",
            """
            insert into job_batch (id, user_id, name) overriding system value
            select i, 1, 'b' from generate_series(1, $1::int / 10) i""")) {
      StoreTestKit.run(sql, ROWS);
    }
    plans = WatchedPlans.open();
  }

  @AfterEach
  void close() throws Exception {
    plans.close();
    StoreTestKit.run("delete from account where email like '%@plans.example'");
    new JobsTestKit();
  }

  @Test
  void nothingThatRunsRegularlyReadsAWholeTable() throws Exception {
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, Tuple> e : statements().entrySet()) {
      wrong.addAll(run(e.getKey(), e.getValue()));
    }
    // And with statistics that know how much there is.
    for (String table :
        List.of("ready", "running", "waiting", "edge", "dead", "body", "outcome", "batch")) {
      StoreTestKit.run("analyze job_" + table);
    }
    for (Map.Entry<String, Tuple> e : statements().entrySet()) {
      wrong.addAll(run(e.getKey(), e.getValue()));
    }
    assertTrue(wrong.isEmpty(), String.join("\n", wrong));
  }

  /** The mailbox of one of those who have a job and dead letters, each under the sync's key. */
  private static void mailboxes(Map<String, Tuple> all) throws Exception {
    for (String table : List.of("ready", "running", "scheduled", "aside")) {
      long user = StoreTestKit.number("select max(user_id) from job_" + table);
      StoreTestKit.run(
          "insert into account (user_id, email) overriding system value"
              + " values ($1, 'user' || $1::bigint || '@plans.example') on conflict do nothing",
          user);
      StoreTestKit.run(
          "insert into job_dedup (user_id, dedup_key, id) select user_id, 'gmail-sync', id from job_"
              + table
              + " where user_id = $1 limit 1 on conflict do nothing",
          user);
      all.put(
          "/* why mailbox " + table + " */ " + Sql.named("why_mailbox"),
          Tuple.of(user, "plan-a", "gmail-sync"));
    }
  }

  private static Map<String, Tuple> statements() throws Exception {
    Map<String, Tuple> all = new LinkedHashMap<>();
    mailboxes(all);
    check(all, "unclaimed", Tuple.of(1L));
    check(all, "overdue", Tuple.of(1L, 500));
    check(all, "overruns", Tuple.of(1L, 50L, 500));
    for (String walk : List.of("bodies", "doubles", "progress", "gates", "waiting")) {
      check(all, walk, Tuple.of(50L, 500));
    }
    check(all, "batches", Tuple.of(new JsonObject(), 1_000));
    check(all, "keys", Tuple.of(50L, "", 500));
    check(all, "tags", Tuple.of((short) 0, 1L, 500));
    check(all, "windows", Tuple.of(500));
    check(all, "workers", Tuple.of(1L, 500));
    check(all, "cancels", Tuple.of(500));
    for (long id : new long[] {1, 10_000_001, 20_000_001, 30_000_001, 40_000_001}) {
      all.put("/* why " + id + " */ " + Sql.named("why_waiting"), Tuple.of(1L, id, 1_000));
    }
    for (DeadFilter filter :
        List.of(DeadFilter.ALL, DeadFilter.ALL.ofUser(7), DeadFilter.ALL.withRedriven())) {
      Tuple values = Tuple.of(50, 50_000L);
      all.put(DeadLetters.page(filter.range(null, values), filter.traits(values)), values);
    }
    all.put(Sql.named("unread_day"), Tuple.of(LocalDate.now(ZoneOffset.UTC)));
    return all;
  }

  private static void check(Map<String, Tuple> all, String name, Tuple values) {
    all.put("/* check_" + name + " */ " + Sql.named("check_" + name), values);
  }

  private List<String> run(String sql, Tuple values) throws Exception {
    List<String> seen = plans.of(sql, values);
    List<String> wrong = new ArrayList<>();
    String what = sql.substring(0, Math.min(90, sql.length()));
    for (String plan : seen) {
      Matcher whole = WHOLE.matcher(plan);
      while (whole.find()) {
        if (Long.parseLong(whole.group(2)) > 2_000) {
          wrong.add("reads all of " + whole.group(1) + ": " + what);
        }
      }
    }
    long touched = WatchedPlans.touched(seen);
    if (touched > MOST) {
      wrong.add("touches " + touched + " pages: " + what);
    }
    return wrong;
  }
}
