package io.millrace.store;

import static io.millrace.store.JobsTestKit.KIND;
import static io.millrace.store.JobsTestKit.buried;
import static io.millrace.store.JobsTestKit.count;
import static io.millrace.store.JobsTestKit.done;
import static io.millrace.store.JobsTestKit.job;
import static io.millrace.store.JobsTestKit.later;
import static io.millrace.store.JobsTestKit.state;
import static io.millrace.store.JobsTestKit.want;
import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The job tables under many hands, on a real database. */
@Tag("partitions")
@Timeout(60)
class JobsTest {
  private JobsTestKit kit;

  @BeforeEach
  void empty() throws Exception {
    kit = new JobsTestKit();
  }

  @Test
  void twentyClaimersRunEachOfTwoThousandJobsOnce() throws Exception {
    List<Long> ids =
        kit.enqueue(LongStream.range(0, 2_000).mapToObj(i -> job(i % 50)).toArray(NewJob[]::new));
    assertEquals(2_000, new HashSet<>(ids).size(), "N items, N jobs");
    List<Long> ran = Collections.synchronizedList(new ArrayList<>());
    List<Future<Void>> claimers =
        IntStream.range(0, 20).mapToObj(i -> claimUntilEmpty(ran)).toList();
    await(Future.all(claimers));
    assertEquals(2_000, ran.size());
    assertEquals(Set.copyOf(ids), Set.copyOf(ran));
    assertEquals(2_000, count("outcome"));
    assertEquals(0, count("running"));
  }

  private Future<Void> claimUntilEmpty(List<Long> ran) {
    Promise<Void> end = Promise.promise();
    claimOn(ran, end);
    return end.future();
  }

  private void claimOn(List<Long> ran, Promise<Void> end) {
    kit.jobs
        .claim(kit.worker, List.of(want(KIND, 17)))
        .compose(
            claimed -> {
              assertTrue(claimed.size() <= 17);
              claimed.forEach(c -> ran.add(c.key().id()));
              return kit.jobs
                  .endings()
                  .settle(claimed.stream().map(c -> done(c.key())).toList())
                  .map(claimed.isEmpty());
            })
        .onFailure(end::tryFail)
        .onSuccess(
            empty -> {
              if (empty) {
                end.complete();
              } else {
                claimOn(ran, end);
              }
            });
  }

  @Test
  void aRunThatLostItsJobChangesNothing() throws Exception {
    long id = kit.enqueue(job(1)).get(0);
    RunKey old = kit.claim(1).get(0).key();
    kit.settle(later(old, 0));
    RunKey now = kit.claim(1).get(0).key();
    assertEquals(old.run() + 1, now.run());
    assertEquals(0, kit.settle(done(old)));
    assertEquals(0, kit.settle(later(old, 0)));
    assertEquals(0, kit.settle(buried(old)));
    assertThrows(
        FencedException.class,
        () ->
            await(
                pool()
                    .withTransaction(
                        c ->
                            kit.jobs
                                .fence(c, old)
                                .compose(f -> kit.jobs.checkpoint(c, old, f, "{}")))));
    assertEquals("running", state(id));
    assertEquals(0, count("progress"));
    assertEquals(1, kit.settle(done(now)));
  }

  @Test
  void settlingTwiceIsSettlingOnce() throws Exception {
    kit.enqueue(job(1), job(2), job(3));
    List<ClaimedJob> claimed = kit.claim(3);
    List<Settlement> all =
        List.of(
            done(claimed.get(0).key()),
            later(claimed.get(1).key(), 60_000),
            buried(claimed.get(2).key()));
    assertEquals(3, await(kit.jobs.endings().settle(all)));
    assertEquals(0, await(kit.jobs.endings().settle(all)));
    assertEquals(1, count("outcome"));
    assertEquals(1, count("scheduled"));
    assertEquals(1, count("dead"));
  }

  @Test
  void nothingRunsBeforeItsTime() throws Exception {
    long id = kit.enqueue(job(1).at(Instant.now().plusSeconds(600))).get(0);
    assertEquals(0, await(kit.jobs.promote(100)).count());
    assertTrue(kit.claim(10).isEmpty());
    Jobs.Promoted early = shifted("599 seconds", 100);
    assertEquals(0, early.count());
    assertTrue(early.nextMs() > 0 && early.nextMs() <= 1_000, "next in " + early.nextMs());
    assertEquals(1, shifted("601 seconds", 100).count());
    assertEquals(id, kit.claim(10).get(0).key().id());
  }

  /** Promotes on a connection whose clock is ahead. */
  private static Jobs.Promoted shifted(String by, int most) throws Exception {
    return await(
        pool()
            .withConnection(
                c ->
                    c.query("set millrace.clock_shift = '" + by + "'")
                        .execute()
                        .compose(
                            v ->
                                c.preparedQuery(Sql.named("promote"))
                                    .execute(io.vertx.sqlclient.Tuple.of(most)))
                        .map(rows -> rows.iterator().next())
                        .map(
                            r ->
                                new Jobs.Promoted(
                                    r.getLong("promoted").intValue(),
                                    r.getLong("next_ms"),
                                    java.util.Set.of()))
                        .eventually(() -> c.query("reset millrace.clock_shift").execute())));
  }

  @Test
  void ofAHundredRacersOneHoldsTheKey() throws Exception {
    List<Future<List<Long>>> racers =
        IntStream.range(0, 100)
            .mapToObj(i -> kit.jobs.enqueue(pool(), List.of(job(1).once("the key"))))
            .toList();
    await(Future.all(racers));
    assertEquals(1, racers.stream().filter(f -> f.result().get(0) != null).count());
    assertEquals(1, count("ready"));
    assertEquals(1, count("body"));
    assertNotNull(kit.enqueue(job(2).once("the key")).get(0), "another user's key is another");
  }

  @Test
  void theKeyIsFreeAfterCompletionAndDeathButNotAfterAPostponement() throws Exception {
    kit.enqueue(job(1).once("k"));
    RunKey first = kit.claim(1).get(0).key();
    kit.settle(later(first, 0));
    assertEquals(null, kit.enqueue(job(1).once("k")).get(0));
    kit.settle(done(kit.claim(1).get(0).key()));
    assertNotNull(kit.enqueue(job(1).once("k")).get(0));
    kit.settle(buried(kit.claim(1).get(0).key()));
    assertNotNull(kit.enqueue(job(1).once("k")).get(0));
    int lost = await(kit.workers.register("there", 2, 60_000, false));
    kit.claim(lost, 1);
    await(kit.workers.stop(lost));
    assertEquals(new Endings.Rescued(1, 0, false), kit.rescue());
    assertEquals(null, kit.enqueue(job(1).once("k")).get(0), "it lives");
    kit.claim(lost, 1);
    assertEquals(new Endings.Rescued(1, 1, false), kit.rescue());
    assertNotNull(kit.enqueue(job(1).once("k")).get(0), "dead at its last attempt");
  }

  @Test
  void twoOfOneKeyInOneCallAreOneJob() throws Exception {
    List<Long> ids = kit.enqueue(job(1).once("k"), job(1), job(1).once("k"));
    assertNotNull(ids.get(0));
    assertNotNull(ids.get(1));
    assertEquals(null, ids.get(2));
  }

  @Test
  void anEndThatComesTooLateBesideTheCurrentOneChangesNothing() throws Exception {
    long id = kit.enqueue(job(1)).get(0);
    RunKey late = kit.claim(1).get(0).key();
    kit.settle(later(late, 0));
    RunKey current = kit.claim(1).get(0).key();
    assertEquals(
        1,
        await(
            kit.jobs
                .endings()
                .settle(
                    List.of(
                        new Settlement.Postponed(late, 0, "retry", true, "{\"n\": 1}"),
                        new Settlement.Postponed(current, 0, "retry", true, "{\"n\": 2}")))));
    assertEquals(
        "[{\"n\": 2}]",
        StoreTestKit.one(
            String.class, "select attempts::text from job_progress where id = $1", id));
  }

  @Test
  void jobsOfAUserAndPriorityRunFirstInFirstOut() throws Exception {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ids.addAll(kit.enqueue(job(1), job(1), job(1)));
    }
    List<Long> claimed = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      kit.claim(5).forEach(c -> claimed.add(c.key().id()));
    }
    assertEquals(ids, claimed);
  }

  @Test
  void aPriorityIsWorthTenThousandJobsAndNoMore() throws Exception {
    long low = kit.enqueue(job(1).priority(-1)).get(0);
    long high = kit.enqueue(job(1).priority(5)).get(0);
    long plain = kit.enqueue(job(1)).get(0);
    // Twenty thousand jobs have had their turn since the low one came.
    StoreTestKit.run("update job_ready set rank = rank - 20000000 where id = $1", low);
    assertEquals(List.of(high, low, plain), kit.claim(3).stream().map(c -> c.key().id()).toList());
  }

  @Test
  void claimTakesNoMoreThanAskedOfEachKind() throws Exception {
    kit.enqueue(
        IntStream.range(0, 30)
            .mapToObj(i -> NewJob.of(1, i % 2 == 0 ? KIND : "other", "{}"))
            .toArray(NewJob[]::new));
    List<ClaimedJob> claimed =
        await(kit.jobs.claim(kit.worker, List.of(want(KIND, 4), want("other", 7))));
    assertEquals(4, claimed.stream().filter(c -> c.kind().equals(KIND)).count());
    assertEquals(7, claimed.stream().filter(c -> c.kind().equals("other")).count());
    assertEquals(4, kit.claim(4).size());
  }

  @Test
  void claimingAHundredJobsIsOneStatement() throws Exception {
    kit.enqueue(IntStream.range(0, 100).mapToObj(i -> job(i)).toArray(NewJob[]::new));
    List<ClaimedJob> claimed = kit.claim(100);
    assertEquals(100, claimed.size());
    assertEquals(
        1,
        number("select count(distinct started_at) from job_running"),
        "all started at one statement's time");
  }

  @Test
  void deadWorkersLoseTheirRunsInOneSweepAndHealthyOnesDoNot() throws Exception {
    int lost = await(kit.workers.register("there", 2, 60_000, false));
    int expired = await(kit.workers.register("there", 3, -1, false));
    kit.enqueue(IntStream.range(0, 30).mapToObj(i -> job(i)).toArray(NewJob[]::new));
    List<ClaimedJob> healthy = kit.claim(10);
    kit.claim(lost, 10);
    kit.claim(expired, 10);
    await(kit.workers.stop(lost));
    assertEquals(new Endings.Rescued(20, 0, false), kit.rescue());
    assertEquals(20, count("ready"));
    assertEquals(10, count("running"));
    assertEquals(
        10, kit.settle(healthy.stream().map(c -> done(c.key())).toArray(Settlement[]::new)));
    assertEquals(false, await(kit.workers.heartbeat(expired, 60_000)), "a lease ends for good");
  }

  @Test
  void aRunPastItsDeadlineIsTakenBackOnlyAfterTheGrace() throws Exception {
    kit.enqueue(job(1));
    kit.claim(1);
    StoreTestKit.run("update job_running set deadline = clock() - interval '59 seconds'");
    assertEquals(0, kit.rescue().count());
    StoreTestKit.run("update job_running set deadline = clock() - interval '61 seconds'");
    assertEquals(1, kit.rescue().count());
  }

  @Test
  void whatCannotBeReadBlocksNothingBehindIt() throws Exception {
    List<Long> broken =
        kit.enqueue(
            IntStream.range(0, 100)
                .mapToObj(i -> NewJob.of(1, KIND, "[\"no payload\"]"))
                .toArray(NewJob[]::new));
    List<Long> good =
        kit.enqueue(IntStream.range(0, 100).mapToObj(i -> job(1)).toArray(NewJob[]::new));
    List<ClaimedJob> all = kit.claim(200);
    assertEquals(200, all.size());
    assertTrue(all.stream().map(c -> c.key().id()).toList().containsAll(good));
    assertEquals(broken, all.subList(0, 100).stream().map(c -> c.key().id()).toList());
  }

  @Test
  void aTransactionThatRollsBackLeavesNoJobAndNoHarm() throws Exception {
    String kind = "never-seen-" + System.nanoTime();
    assertThrows(
        IllegalStateException.class,
        () ->
            await(
                pool()
                    .withTransaction(
                        c ->
                            kit.jobs
                                .enqueue(c, List.of(NewJob.of(1, kind, "{}").once("k")))
                                .compose(
                                    ids -> Future.failedFuture(new IllegalStateException())))));
    assertEquals(0, count("ready") + count("body") + count("dedup"));
    assertNotNull(kit.enqueue(NewJob.of(1, kind, "{}").once("k")).get(0));
    Jobs elsewhere = new Jobs(pool(), new Kinds(pool()));
    assertEquals(kind, await(elsewhere.claim(kit.worker, List.of(want(kind, 1)))).get(0).kind());
  }

  @Test
  void knownKindsCostNoNumbers() throws Exception {
    kit.enqueue(job(1));
    long before = number("select last_value from job_kind_id_seq");
    for (int i = 0; i < 20; i++) {
      await(new Jobs(pool(), new Kinds(pool())).enqueue(pool(), List.of(job(1))));
    }
    assertEquals(before, number("select last_value from job_kind_id_seq"));
  }

  @Test
  void progressPaysBackTheAttemptsAndStaysWithTheJob() throws Exception {
    kit.enqueue(job(1));
    kit.settle(later(kit.claim(1).get(0).key(), 0));
    ClaimedJob second = kit.claim(1).get(0);
    assertEquals(1, second.failures());
    await(
        pool()
            .withTransaction(
                c ->
                    kit.jobs
                        .fence(c, second.key())
                        .compose(f -> kit.jobs.checkpoint(c, second.key(), f, "{\"at\":7}"))));
    kit.settle(new Settlement.Postponed(second.key(), 0, "quota", false));
    ClaimedJob third = kit.claim(1).get(0);
    assertEquals(0, third.failures());
    assertEquals(7, new JsonObject(third.checkpoint()).getInteger("at"));
    assertEquals("{}", third.payload());
    kit.settle(done(third.key()));
    assertEquals(0, count("progress"));
  }

  @Test
  void hotStatementsUseTheirIndexAmongAHundredThousandRows() throws Exception {
    fill();
    plan(
        "claim",
        "job_ready_(claim|\\d+_kind_rank_id_idx)",
        1L,
        "{1}::smallint[]",
        "{5}::int[]",
        "{1000}::bigint[]",
        "{0}::bigint[]");
    plan("promote", "job_scheduled_(due|\\d+_run_at_idx)", 100);
    plan(
        "complete",
        "job_running_(\\d+_)?pkey",
        "{1}::bigint[]",
        "{5}::bigint[]",
        "{1}::int[]",
        "{completed}::text[]",
        "{x}::text[]",
        "true");
  }

  private static void fill() throws Exception {
    StoreTestKit.run(
        """
        insert into job_ready (user_id, id, rank, ready_at, day, run, kind, priority, failures, ties)
        select i % 100, i, i, clock(), current_date, 0, 1, 0, 0, 0 from generate_series(1, 100000) i""");
    StoreTestKit.run(
        """
        insert into job_running (user_id, id, ready_at, started_at, deadline, day, run, worker, kind,
                                 priority, failures, ties, limited)
        select i % 100, i, clock(), clock(), clock() + interval '1 hour', current_date, 1, 1, 1, 0, 0,
               0, false
          from generate_series(1, 100000) i""");
    StoreTestKit.run(
        """
        insert into job_scheduled (user_id, id, run_at, day, run, kind, priority, failures, ties, why)
        select i % 100, i, clock() + i * interval '1 second', current_date, 1, 1, 0, 0, 0, 'delay'
          from generate_series(1, 100000) i""");
    for (String table : List.of("ready", "running", "scheduled")) {
      StoreTestKit.run("analyze job_" + table);
    }
  }

  private static void plan(String statement, String index, Object... parameters) throws Exception {
    String sql = Sql.named(statement);
    for (int i = parameters.length; i >= 1; i--) {
      String value = parameters[i - 1].toString();
      int type = value.indexOf("::");
      sql =
          sql.replace(
              "$" + i + (type < 0 ? "" : value.substring(type)),
              type < 0 ? value : "'" + value.substring(0, type) + "'" + value.substring(type));
    }
    Object plan = StoreTestKit.rows("explain (format json) " + sql).get(0).getValue(0);
    String text = plan instanceof JsonArray array ? array.encode() : String.valueOf(plan);
    assertTrue(found(text, "\"" + index + "\""), statement + ": " + text);
    assertTrue(
        !found(text, "\"Seq Scan\"[^{}]*\"Relation Name\":\"job_(ready|running|scheduled)"),
        statement + " reads all of a table: " + text);
  }

  private static boolean found(String text, String regex) {
    return Pattern.compile(regex).matcher(text).find();
  }
}
