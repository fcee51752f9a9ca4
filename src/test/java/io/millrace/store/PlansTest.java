package io.millrace.store;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Hot statements, and those inside of functions, as PostgreSQL runs them (auto_explain): none reads
 * a whole hot table, and what they touch does not grow with the tables, though the statistics say
 * that these are empty.
 */
@Tag("partitions")
@Timeout(120)
class PlansTest {
  private static final Pattern WHOLE =
      Pattern.compile(
          "Seq Scan on (job_(ready|running|scheduled|aside|progress|dedup|waiting|tag)\\S*)");
  private static final Pattern SPOTS =
      Pattern.compile(
          "Tid Scan on job_\\w+.*\\s+TID Cond: .*\\s+Filter: .*hashed SubPlan.*IS TRUE");
  private static final Pattern PRUNED =
      Pattern.compile("Index Scan using job_running_\\d+_pkey on .*\\(never executed\\)");

  private WatchedPlans plans;

  @BeforeEach
  void empty() throws Exception {
    new JobsTestKit();
    StoreTestKit.run(
        "update job_kind set max_per_user = null, keyed = false where name like 'plan-%'");
    await(new Kinds(pool()).ids(List.of("plan-a", "plan-b")));
    StoreTestKit.run("update job_kind set max_per_user = 3 where name = 'plan-b'");
    for (String table : List.of("ready", "running", "scheduled", "aside", "progress", "dedup")) {
      StoreTestKit.run("analyze job_" + table);
    }
    plans = WatchedPlans.open();
  }

  @AfterEach
  void close() throws Exception {
    plans.close();
    new JobsTestKit();
  }

  @Test
  void byIndexAmongTenRows() throws Exception {
    fill(10);
    measure();
  }

  @Test
  void byIndexAmongAHundredThousandRowsAndNoDearerThanAmongTenThousand() throws Exception {
    flat(10_000, 100_000);
  }

  @Tag("slow")
  @Test
  @Timeout(900)
  void byIndexAmongFiveMillionRowsAndNoDearerThanAmongTenThousand() throws Exception {
    flat(10_000, 5_000_000);
  }

  private void flat(int few, int many) throws Exception {
    fill(few);
    Map<String, Long> small = least();
    empty();
    fill(many);
    Map<String, Long> large = least();
    small.forEach(
        (name, touched) ->
            assertTrue(
                large.get(name) <= touched * 3 / 2 + 60,
                name + ": " + touched + " buffers, then " + large.get(name)));
  }

  /** Who vacuums or analyses in the background makes plans anew, which touches buffers as well. */
  private Map<String, Long> least() throws Exception {
    Map<String, Long> least = measure();
    for (int i = 0; i < 3; i++) {
      measure().forEach((name, touched) -> least.merge(name, touched, Math::min));
    }
    return least;
  }

  static void fill(int rows) throws Exception {
    for (String sql :
        List.of(
            """
            insert into job_ready (user_id, id, rank, ready_at, limit_key, day, run, kind, priority, failures, ties)
            select i, i, i, clock(), null, current_date, 0, k.id, 0, 0, 0
              from generate_series(1, $1::int) i join job_kind k on k.name = case when i % 2 = 0 then 'plan-a' else 'plan-b' end""",
            """
            insert into job_running (user_id, id, ready_at, started_at, deadline, user_gate, day, run, worker, kind,
                                     priority, failures, ties, limited)
            select i, 10000000 + i, clock(), clock(), clock() + interval '1 hour', i, current_date, 1,
                   (select max(id) from worker), k.id, 0, 0, 1, true
              from generate_series(1, $1::int) i join job_kind k on k.name = 'plan-b'""",
            """
            insert into job_scheduled (user_id, id, run_at, day, run, kind, priority, failures, ties, why)
            select i, 20000000 + i, clock() + (i - 3) * interval '1 minute', current_date, 1, k.id, 0, 0, 0, 'delay'
              from generate_series(1, $1::int) i join job_kind k on k.name = 'plan-a'""",
            """
            insert into job_aside (user_id, id, rank, ready_at, gate, day, run, kind, priority, failures, ties)
            select i, 30000000 + i, i, clock(), i, current_date, 0, k.id, 0, 0, 0
              from generate_series(1, $1::int) i join job_kind k on k.name = 'plan-b'""",
            """
            insert into job_progress (user_id, id, updated_at)
            select i, 10000000 + i, clock() from generate_series(1, $1::int) i""",
            """
            insert into job_dedup (user_id, dedup_key, id)
            select i, 'k' || i, 10000000 + i from generate_series(1, $1::int) i""")) {
      StoreTestKit.run(sql, rows);
    }
  }

  /** Runs each statement and takes it back; answers how many buffers each touched. */
  private Map<String, Long> measure() throws Exception {
    Map<String, Long> touched = new LinkedHashMap<>();
    short a = id("plan-a");
    short b = id("plan-b");
    Long[] users = {1L, 2L};
    Long[] ids = {10_000_001L, 10_000_002L};
    Integer[] runs = {1, 1};
    String[] words = {"completed", "completed"};
    String[] json = {"{}", "{}"};
    Tuple wants = Tuple.of(1, new Short[] {a}, new Integer[] {5}, new Long[] {1_000L});
    touched.put("claim", run(Sql.named("claim"), wants.addValue(new Long[] {Long.MIN_VALUE})));
    touched.put(
        "claim_limited",
        run(
            "select * from claim_limited($1, $2::smallint[], $3::int[], $4::bigint[])",
            Tuple.of(1, new Short[] {b}, new Integer[] {5}, new Long[] {1_000L})));
    touched.put("promote", run(Sql.named("promote"), Tuple.of(100)));
    Tuple key = Tuple.tuple().addValue(users).addValue(ids).addValue(runs);
    touched.put(
        "complete",
        run(
            Sql.named("complete"),
            Tuple.tuple(new ArrayList<>(List.of(users, ids, runs, words, words, false)))));
    touched.put(
        "postpone",
        run(
            Sql.named("postpone"),
            Tuple.tuple(
                new ArrayList<>(
                    List.of(
                        users,
                        ids,
                        runs,
                        new Long[] {0L, 9_000L},
                        words,
                        new Integer[] {1, 0},
                        new Float[] {1f, 1f})))));
    touched.put(
        "bury",
        run(
            Sql.named("bury"),
            Tuple.tuple(new ArrayList<>(List.of(users, ids, runs, words, json)))));
    touched.put("lock_runs", run(Sql.named("lock_runs"), key));
    touched.put("fence", run(Sql.named("fence"), Tuple.of(1L, 10_000_001L, 1)));
    touched.put(
        "release_gates",
        run("select release_gates($1::bigint[])", Tuple.tuple().addValue(new Long[] {5L, 6L})));
    touched.put("release_stranded", run("select release_stranded(8)", Tuple.tuple()));
    touched.put("end_unstarted", run("select end_unstarted(1, 1, 'test')", Tuple.tuple()));
    return touched;
  }

  private static short id(String kind) throws Exception {
    return StoreTestKit.one(Short.class, "select id from job_kind where name = $1", kind);
  }

  private long run(String sql, Tuple parameters) throws Exception {
    List<String> seen = plans.of(sql, parameters);
    if (sql.contains("(tableoid, ctid)")) {
      String own = seen.get(seen.size() - 1);
      assertTrue(SPOTS.matcher(own).find(), () -> "does not go to the rows it has seen: " + own);
    }
    if (sql.contains("r.user_id = o.user_id")) {
      // Two users are in two partitions at the most: nobody looks into the others.
      long spared = PRUNED.matcher(seen.get(seen.size() - 1)).results().count();
      assertTrue(
          spared >= StoreTestKit.PARTITIONS - 2, () -> "looks for a run everywhere: " + seen);
    }
    for (String plan : seen) {
      Matcher whole = WHOLE.matcher(plan);
      assertFalse(whole.find(), () -> "reads all of " + whole.group(1) + ": " + plan);
    }
    return WatchedPlans.touched(seen);
  }
}
