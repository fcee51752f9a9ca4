package io.millrace.store;

import static io.millrace.store.JobsTestKit.KIND;
import static io.millrace.store.JobsTestKit.count;
import static io.millrace.store.JobsTestKit.done;
import static io.millrace.store.JobsTestKit.job;
import static io.millrace.store.JobsTestKit.later;
import static io.millrace.store.JobsTestKit.state;
import static io.millrace.store.JobsTestKit.want;
import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static io.millrace.store.StoreTestKit.pool;
import static io.millrace.store.StoreTestKit.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What operators do to unfinished jobs, while claimers are at work. */
@Tag("partitions")
@Timeout(60)
class OperationsTest {
  private JobsTestKit kit;
  private Operations operations;
  private Controls controls;

  @BeforeEach
  void empty() throws Exception {
    kit = new JobsTestKit();
    run("truncate job_cancel");
    operations = new Operations(pool(), kit.jobs.kinds());
    controls = new Controls(pool());
    kit.enqueue(job(99));
    kit.settle(done(kit.claim(1).get(0).key()));
  }

  @AfterEach
  void unlimited() throws Exception {
    await(controls.limitKind(KIND, Controls.KindLimits.NONE));
    await(controls.limitQueue("default", null));
    await(controls.pauseKind(KIND, false));
    run("update job_kind set keyed = false");
  }

  private Operations.Cancel cancel(long user, long id) throws Exception {
    return await(operations.cancel(user, id, "no longer wanted"));
  }

  @Test
  void aJobThatHasNotBegunEndsAtOnceAndFreesItsKey() throws Exception {
    long ready = kit.enqueue(job(1).once("key")).get(0);
    long scheduled = kit.enqueue(job(1).at(Instant.now().plusSeconds(600))).get(0);
    assertEquals(Operations.Cancel.CANCELLED, cancel(1, ready));
    assertEquals(Operations.Cancel.CANCELLED, cancel(1, scheduled));
    assertEquals("cancelled", state(ready));
    assertEquals("cancelled", state(scheduled));
    assertEquals(
        "no longer wanted", one(String.class, "select note from job_outcome where id = $1", ready));
    assertEquals(0, count("dedup"));
    assertEquals(Operations.Cancel.NOT_LIVE, cancel(1, ready), "a second wish finds it ended");
    assertEquals(0, kit.claim(10).size());
  }

  @Test
  void whoWaitsForACancelledJobIsTold() throws Exception {
    long parent = kit.enqueue(job(1)).get(0);
    JobOptions after = JobOptions.NONE.after(List.of(parent), JobOptions.OnDead.CANCEL);
    long child = kit.enqueue(job(1).with(after)).get(0);
    assertEquals("waiting", state(child));
    cancel(1, parent);
    await(kit.jobs.endings().cascade());
    assertEquals("cancelled", state(child));
  }

  @Test
  void aCancelledRunDoesNotRunAgainHoweverItEnds() throws Exception {
    kit.enqueue(job(1).once("a"), job(2), job(3), job(4));
    List<ClaimedJob> claimed = kit.claim(4);
    for (ClaimedJob c : claimed) {
      assertEquals(Operations.Cancel.STOPPING, cancel(c.key().user(), c.key().id()));
    }
    assertEquals(4, await(operations.wishes(kit.worker)).size());
    kit.settle(
        later(claimed.get(0).key(), 50_000),
        later(claimed.get(1).key(), 0),
        new Settlement.Finished(claimed.get(2).key(), "cancelled", "stopped"),
        done(claimed.get(3).key()));
    for (ClaimedJob c : claimed.subList(0, 3)) {
      assertEquals("cancelled", state(c.key().id()));
    }
    assertEquals("completed", state(claimed.get(3).key().id()), "it was done before it heard");
    assertEquals(0, count("cancel"));
    assertEquals(0, count("dedup"));
    assertEquals(0, count("ready") + count("scheduled") + count("running"));
  }

  @Test
  void aCancelledRunOfADeadWorkerIsNotTakenUpAgain() throws Exception {
    int lost = await(kit.workers.register("there", 2, 60_000, false));
    long id = kit.enqueue(job(1)).get(0);
    kit.claim(lost, 1);
    cancel(1, id);
    await(kit.workers.stop(lost));
    kit.rescue();
    assertEquals("cancelled", state(id));
    assertEquals(0, kit.claim(1).size());
  }

  @Test
  void cancelsAndClaimsThatRaceLeaveEachJobInOnePlace() throws Exception {
    List<NewJob> many = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      many.add(job(i));
    }
    List<Long> ids = kit.enqueue(many.toArray(NewJob[]::new));
    List<Future<?>> hands = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      hands.add(operations.cancel(i, ids.get(i), "race"));
      if (i % 10 == 0) {
        hands.add(kit.jobs.claim(kit.worker, List.of(want(KIND, 10))));
      }
    }
    await(Future.all(hands));
    assertEquals(0, count("ready"));
    assertEquals(
        200,
        number("select count(*) from job_outcome where state = 'cancelled'") + count("running"));
    assertEquals(count("running"), count("cancel"));
    assertEquals(0, number("select count(*) from job_running where ties & 8 = 0"));
  }

  @Test
  void manyAreCancelledByKindAndUserInBoundedSteps() throws Exception {
    for (int i = 0; i < 50; i++) {
      kit.enqueue(job(7), job(8));
    }
    JobFilter filter = new JobFilter(KIND, 7L, null);
    long next = 0;
    int cancelled = 0;
    int steps = 0;
    while (next >= 0) {
      Operations.Step step = await(operations.cancelSome(filter, next, 30, "by filter"));
      cancelled += step.cancelled();
      next = step.next();
      steps++;
    }
    assertEquals(50, cancelled);
    assertEquals(4, steps);
    assertEquals(50, count("ready"));
    assertEquals(
        0,
        await(operations.cancelSome(new JobFilter("nobody", null, null), 0, 30, "")).cancelled());
  }

  @Test
  void aHigherPriorityComesFirst() throws Exception {
    List<Long> ids = kit.enqueue(job(1), job(1), job(1));
    long scheduled = kit.enqueue(job(1).at(Instant.now().plusSeconds(600))).get(0);
    assertEquals("ready", await(operations.reprioritise(1, ids.get(2), 5)));
    assertEquals("scheduled", await(operations.reprioritise(1, scheduled, -5)));
    assertEquals(ids.get(2), kit.claim(1).get(0).key().id());
    assertNull(await(operations.reprioritise(1, ids.get(2), 1)), "it runs");
    assertEquals(
        -5L, number("select priority::bigint from job_scheduled where id = $1", scheduled));
    assertThrows(
        IllegalArgumentException.class, () -> await(operations.reprioritise(1, scheduled, 11)));
  }

  @Test
  void aPausedKindIsNotClaimed() throws Exception {
    kit.enqueue(job(1));
    assertTrue(await(controls.pauseKind(KIND, true)));
    assertEquals(0, kit.claim(1).size());
    await(controls.pauseKind(KIND, false));
    await(controls.pauseQueue("default", true));
    assertEquals(0, kit.claim(1).size());
    await(controls.pauseQueue("default", false));
    assertEquals(1, kit.claim(1).size());
    assertFalse(await(controls.pauseQueue("no such queue", true)));
  }

  private int claimLimited(int n) throws Exception {
    return await(kit.jobs.claimLimited(kit.worker, List.of(want(KIND, n)))).jobs().size();
  }

  @Test
  void aLimitCountsWhatRunsAlready() throws Exception {
    kit.enqueue(job(1), job(1), job(2), job(2), job(2));
    assertEquals(2, kit.claim(2).size());
    assertTrue(await(controls.limitKind(KIND, new Controls.KindLimits(3, null, null))));
    assertEquals(1, claimLimited(5));
    assertTrue(await(controls.limitKind(KIND, Controls.KindLimits.NONE)));
    assertTrue(await(controls.limitQueue("default", 3)));
    assertEquals(0, claimLimited(5));
    assertFalse(await(controls.limitKind("nobody", Controls.KindLimits.NONE)));
  }

  @Test
  void whatStoodAsideComesBackWhenItsLimitIsRaisedOrCleared() throws Exception {
    for (int i = 0; i < 10; i++) {
      kit.enqueue(job(1));
    }
    await(controls.limitKind(KIND, new Controls.KindLimits(null, 1, null)));
    assertEquals(1, claimLimited(10));
    assertEquals(9, count("aside"));
    await(controls.limitKind(KIND, new Controls.KindLimits(null, 4, null)));
    assertEquals(3, count("ready"));
    assertEquals(3, claimLimited(10));
    assertEquals(6, count("aside"));
    await(controls.limitKind(KIND, Controls.KindLimits.NONE));
    assertEquals(0, count("aside"));
    assertEquals(6, kit.claim(10).size());
  }

  @Test
  void aKeysLimitCountsWhatRunsAlready() throws Exception {
    NewJob keyed = job(1).with(JobOptions.NONE.limitKey("printer"));
    kit.enqueue(keyed, keyed, keyed);
    assertEquals(1, claimLimited(1));
    await(controls.limitKey("printer", 2));
    assertEquals(1, claimLimited(5));
    assertTrue(await(controls.limitKey("printer", null)));
    assertEquals(1, count("ready"));
    assertFalse(await(controls.limitKey("printer", null)));
  }
}
