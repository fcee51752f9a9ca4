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
import static io.millrace.store.StoreTestKit.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each thing that can be wrong is found and set right, and what is healthy is left alone. */
@Tag("partitions")
@Timeout(60)
class ChecksTest {
  private JobsTestKit kit;
  private Checks checks;
  private int worker;

  @BeforeEach
  void empty() throws Exception {
    kit = new JobsTestKit();
    run("truncate job_cancel");
    run("truncate upkeep");
    checks = new Checks(pool(), 300_000, 1_800_000, 86_400_000);
    worker = await(kit.workers.register("here", 1, 60_000, false, Set.of(KIND)));
  }

  @AfterEach
  void unlimited() throws Exception {
    run("update job_kind set paused = false, max_running = null, max_per_user = null");
  }

  private List<Checks.Finding> check(String... names) throws Exception {
    return await(checks.run(names));
  }

  private Checks.Finding one(String name) throws Exception {
    List<Checks.Finding> found = check(name);
    assertEquals(1, found.size(), name);
    return found.get(0);
  }

  @Test
  void healthyWorkIsLeftAlone() throws Exception {
    kit.enqueue(job(1).once("a"), job(2).once("b"), job(3), job(4), job(5).once("c"));
    kit.enqueue(job(6).at(Instant.now().plusSeconds(3_600)));
    List<ClaimedJob> claimed = kit.claim(worker, 3);
    RunKey key = claimed.get(0).key();
    await(pool().withTransaction(c -> kit.jobs.checkpoint(c, key, 0, "{}")));
    kit.settle(later(claimed.get(1).key(), 60_000));
    List<Checks.Finding> findings = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      findings.addAll(check());
    }
    findings.removeIf(f -> f.check().equals("tags"));
    assertEquals(List.of(), findings);
    assertEquals(1, kit.settle(done(key)), "a run that has only just begun, too");
  }

  @Test
  void aHeadThatNobodyTakesIsNamedWithItsReason() throws Exception {
    long id = kit.enqueue(job(1)).get(0);
    run("update job_ready set ready_at = clock() - interval '10 minutes'");
    assertTrue(one("unclaimed").detail().contains("busy or asleep"));
    assertEquals("rank", why(1, id).get(0).what());
    run("update job_kind set paused = true where name = $1", KIND);
    assertTrue(one("unclaimed").detail().contains("paused"));
    assertEquals("paused", why(1, id).get(0).what());
    run("update job_kind set paused = false, max_running = 0 where name = $1", KIND);
    assertTrue(one("unclaimed").detail().contains("limited"));
    assertEquals("kind limit", why(1, id).get(0).what());
    await(kit.workers.stop(worker));
    assertTrue(one("unclaimed").detail().contains("no worker knows it"));
    assertEquals("no worker", why(1, id).get(0).what());
  }

  private List<WaitReasons.Cause> why(long user, long id) throws Exception {
    return await(new WaitReasons(pool()).of(user, id));
  }

  @Test
  void everyWaitHasItsReason() throws Exception {
    long later = kit.enqueue(job(1).at(Instant.now().plusSeconds(600))).get(0);
    assertEquals("schedule", why(1, later).get(0).what());
    assertTrue(why(1, later).get(0).until().toInstant().isAfter(Instant.now()));
    List<Long> ids = kit.enqueue(job(1), job(1), job(1));
    assertEquals(2L, why(1, ids.get(2)).get(0).n());
    run("update job_kind set max_per_user = 1 where name = $1", KIND);
    await(kit.jobs.claimLimited(worker, List.of(want(KIND, 3))));
    assertEquals("running", why(1, ids.get(0)).get(0).what());
    assertEquals("user limit", why(1, ids.get(1)).get(0).what());
    assertEquals(List.of(), why(1, -5));
    run(
        "insert into job_waiting (user_id, id, day, unfinished, kind, priority, ties)"
            + " select user_id, -7, day, 2, kind, 0, 0 from job_scheduled");
    assertEquals(2L, why(1, -7).get(0).n());
  }

  @Test
  void aJobWithoutABodyBecomesADeadLetter() throws Exception {
    List<Long> ids = kit.enqueue(job(1), job(2), job(3).at(Instant.now().plusSeconds(60)), job(4));
    long running = kit.claim(worker, 1).get(0).key().id();
    run("delete from job_body where id = any($1)", (Object) ids.subList(0, 3).toArray(Long[]::new));
    assertEquals(ids.get(0), running);
    Checks.Finding finding = one("bodies");
    assertEquals(3, finding.repaired());
    for (long id : ids.subList(0, 3)) {
      assertEquals("dead", state(id));
    }
    assertEquals("ready", state(ids.get(3)));
  }

  @Test
  void aJobInTwoPlacesKeepsTheOneThatIsFurtherOn() throws Exception {
    List<Long> ids = kit.enqueue(job(1), job(2), job(3));
    RunKey ran = kit.claim(worker, 1).get(0).key();
    String again =
        "insert into job_ready (user_id, id, rank, ready_at, day, run, kind, priority, failures, ties)"
            + " select user_id, id, 0, ready_at, day, run, kind, priority, failures, ties from ";
    run(again + "job_running");
    assertEquals(1, one("doubles").repaired());
    assertEquals("running", state(ids.get(0)));
    run(again + "job_running");
    kit.settle(done(ran));
    assertEquals(1, one("doubles").repaired());
    assertEquals("completed", state(ids.get(0)));
    assertEquals(2, count("ready"));
  }

  @Test
  void keysAndCheckpointsOfJobsThatAreGoneAreFreed() throws Exception {
    long id = kit.enqueue(job(1).once("orphan")).get(0);
    kit.enqueue(job(1).once("live"));
    run("delete from job_ready where id = $1", id);
    run("insert into job_progress (user_id, id, updated_at) values (1, $1, clock())", id);
    assertEquals(1, one("keys").repaired());
    assertEquals(1, one("progress").repaired());
    assertEquals(1, count("dedup"));
    assertEquals(0, count("progress"));
  }

  @Test
  void aDedupWindowThatIsOverGoesAndOneThatIsNotStays() throws Exception {
    JobOptions hour = JobOptions.NONE.window(Duration.ofHours(1));
    kit.enqueue(job(1).once("a").with(hour), job(1).once("b").with(hour));
    for (ClaimedJob c : kit.claim(worker, 2)) {
      kit.settle(done(c.key()));
    }
    run("update job_dedup set until = clock() - interval '1 second' where dedup_key = 'a'");
    assertEquals(1, one("windows").repaired());
    assertEquals(1, count("dedup"));
  }

  @Test
  void aLimitWithRoomLetsBackWhatStandsAside() throws Exception {
    kit.enqueue(job(1), job(1), job(1));
    run("update job_kind set max_per_user = 1 where name = $1", KIND);
    await(kit.jobs.claimLimited(worker, List.of(want(KIND, 3))));
    assertEquals(2, count("aside"));
    assertEquals(List.of(), check("gates"));
    run("delete from job_running");
    assertEquals(1, one("gates").repaired());
    assertEquals(1, count("ready"));
  }

  @Test
  void aTagThatItsClockHasPassedGoes() throws Exception {
    kit.enqueue(job(1));
    kit.settle(done(kit.claim(worker, 1).get(0).key()));
    run("truncate job_tag");
    run("insert into job_tag select id, 1, 0 from job_kind where name = $1", KIND);
    run("insert into job_tag select id, 2, 9000000000000000 from job_kind where name = $1", KIND);
    check("tags");
    assertEquals(0, number("select count(*) from job_tag where user_id = 1"));
    assertEquals(1, number("select count(*) from job_tag where user_id = 2"));
    run("truncate job_tag");
  }

  @Test
  void overdueJobsOverrunsAndLongLostWorkersAreSeen() throws Exception {
    kit.enqueue(job(1), job(2).at(Instant.now().plusSeconds(600)));
    kit.claim(worker, 1);
    run("update job_scheduled set run_at = clock() - interval '1 hour'");
    assertEquals(1, one("overdue").found());
    run("update job_running set started_at = clock() - interval '1 hour'");
    assertEquals(List.of(), check("overruns"), "its own deadline has not passed");
    run("update job_running set deadline = clock() - interval '1 minute'");
    assertEquals(1, one("overruns").found());
    int lost = await(kit.workers.register("gone", 2, 60_000, false));
    run(
        "update worker set expires_at = clock() - interval '3 days' where id = any(array[$1::int, $2::int])",
        lost,
        worker);
    check("workers");
    assertEquals(0, number("select count(*) from worker where id = $1 or id = $2", lost, worker));
    assertEquals(1, await(kit.jobs.endings().rescue(3_600_000, Map.of())).count(), "its run");
  }

  @Test
  void aLongTableIsWalkedInSteps() throws Exception {
    List<NewJob> many = new ArrayList<>();
    for (int i = 0; i < 1_200; i++) {
      many.add(job(i));
    }
    List<Long> ids = kit.enqueue(many.toArray(NewJob[]::new));
    run("delete from job_body where id = $1", ids.get(1_199));
    int steps = 0;
    while (count("dead") == 0) {
      check("bodies");
      steps++;
    }
    assertEquals(3, steps);
  }

  @Test
  void aTurnIsTakenByOneInAnInterval() throws Exception {
    Turns turns = new Turns(pool());
    List<Future<Boolean>> hands = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      hands.add(turns.take("checks", 60_000));
    }
    await(Future.all(hands));
    assertEquals(1, hands.stream().filter(Future::result).count());
    run("update upkeep set next_at = clock()");
    assertTrue(await(turns.take("checks", 60_000)));
  }

  @Test
  void aWishThatCameTooLateIsForgotten() throws Exception {
    run("insert into job_cancel values (1, 1, 1, 'late', clock())");
    kit.enqueue(job(1));
    kit.settle(buried(kit.claim(worker, 1).get(0).key()));
    assertEquals(1, one("cancels").repaired());
  }
}
