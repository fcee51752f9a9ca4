package io.millrace.store;

import static io.millrace.store.JobsTestKit.buried;
import static io.millrace.store.JobsTestKit.count;
import static io.millrace.store.JobsTestKit.done;
import static io.millrace.store.JobsTestKit.job;
import static io.millrace.store.JobsTestKit.state;
import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.pool;
import static io.millrace.store.StoreTestKit.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.JobOptions.OnDead;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Batches and children that disagree with their jobs and parents are found and set right. */
@Timeout(60)
class TiedChecksTest {
  private JobsTestKit kit;
  private Checks checks;
  private Batches batches;

  @BeforeEach
  void empty() throws Exception {
    kit = new JobsTestKit();
    checks = new Checks(pool(), 300_000, 1_800_000, 86_400_000);
    batches = new Batches(pool(), new Kinds(pool()));
  }

  private long repaired(String check) throws Exception {
    return await(checks.run(check)).stream().mapToLong(Checks.Finding::repaired).sum();
  }

  private long batch(int jobs) throws Exception {
    long batch = await(batches.open(pool(), 1, "checked", 0.5, null));
    List<NewJob> all = new ArrayList<>();
    for (int i = 0; i < jobs; i++) {
      all.add(job(1).with(JobOptions.NONE.batch(batch)));
    }
    kit.enqueue(all.toArray(NewJob[]::new));
    return batch;
  }

  private Batches.Batch get(long batch) throws Exception {
    return await(batches.get(batch));
  }

  private long child(OnDead onDead, Long... parents) throws Exception {
    return kit.enqueue(job(1).with(JobOptions.NONE.after(List.of(parents), onDead))).get(0);
  }

  @Test
  void aBatchThatLostACountIsCountedAgainAndEnds() throws Exception {
    long batch = batch(3);
    await(batches.close(pool(), batch, job(9)));
    List<ClaimedJob> claimed = kit.claim(2);
    kit.settle(done(claimed.get(0).key()), buried(claimed.get(1).key()));
    run("update job_batch set completed = 0 where id = $1", batch);
    kit.settle(done(kit.claim(1).get(0).key()));
    assertEquals(Batches.State.RUNNING, get(batch).state());
    assertEquals(1, repaired("batches"));
    assertEquals(2, get(batch).completed());
    assertEquals(1, get(batch).dead());
    assertNotEquals(Batches.State.RUNNING, get(batch).state());
    assertEquals("ready", state(get(batch).callbackJob()));
    assertEquals(0, repaired("batches"));
  }

  @Test
  void countsThatAreTooHighAndABatchThatHasEndedAreSetRight() throws Exception {
    long batch = batch(2);
    kit.settle(done(kit.claim(1).get(0).key()));
    run("update job_batch set dead = 4 where id = $1", batch);
    assertEquals(1, repaired("batches"));
    assertEquals(0, get(batch).dead());
    await(batches.close(pool(), batch, null));
    kit.settle(done(kit.claim(1).get(0).key()));
    assertEquals(Batches.State.DONE, get(batch).state());
    run("update job_batch set completed = 1, total = 7 where id = $1", batch);
    assertEquals(1, repaired("batches"));
    assertEquals(2, get(batch).completed());
    assertEquals(2, get(batch).total());
  }

  @Test
  void healthyBatchesAreLeftAloneWhateverBecameOfTheirJobs() throws Exception {
    long batch = batch(4);
    List<ClaimedJob> claimed = kit.claim(3);
    kit.settle(buried(claimed.get(0).key()), buried(claimed.get(1).key()));
    kit.settle(new Settlement.Finished(claimed.get(2).key(), "skipped", null));
    await(batches.close(pool(), batch, null));
    Redrives redrives = new Redrives(pool(), kit.jobs);
    assertEquals(1, await(redrives.redrive(1, claimed.get(0).key().id())).redriven().size());
    run("select purge_letters(array[1::bigint], array[$1::bigint])", claimed.get(1).key().id());
    assertEquals(0, repaired("batches"));
    kit.settle(done(kit.claim(1).get(0).key()), done(kit.claim(1).get(0).key()));
    assertEquals(0, repaired("batches"));
    assertEquals(Batches.State.PARTIAL, get(batch).state());
    assertEquals(2, get(batch).completed());
  }

  @Test
  void whatHistoryNoLongerKnowsIsBelieved() throws Exception {
    long batch = batch(3);
    List<ClaimedJob> claimed = kit.claim(2);
    kit.settle(done(claimed.get(0).key()), done(claimed.get(1).key()));
    run("delete from job_body where id = $1", claimed.get(0).key().id());
    run("delete from job_outcome where id = $1", claimed.get(0).key().id());
    run("update job_batch set created_at = clock() - interval '9 days' where id = $1", batch);
    assertEquals(0, repaired("batches"));
    assertEquals(2, get(batch).completed());
    run("update job_batch set completed = 0 where id = $1", batch);
    assertEquals(1, repaired("batches"));
    assertEquals(1, get(batch).completed(), "what is known is counted");
  }

  @Test
  void aLargeBatchIsCountedInStepsAndAgainIfItChangesMeanwhile() throws Exception {
    long batch = batch(4_500);
    for (ClaimedJob c : kit.claim(3)) {
      kit.settle(done(c.key()));
    }
    run("update job_batch set completed = 1 where id = $1", batch);
    assertEquals(0, repaired("batches"));
    kit.settle(done(kit.claim(1).get(0).key()));
    assertEquals(0, repaired("batches"));
    assertEquals(2, get(batch).completed());
    int steps = 0;
    while (repaired("batches") == 0) {
      steps++;
      assertTrue(steps < 20);
    }
    assertEquals(4, get(batch).completed());
  }

  @Test
  void aJobThatWaitsForTooManyIsSetRightAndOneThatWaitsForNobodyGoes() throws Exception {
    List<Long> parents = kit.enqueue(job(1), job(2));
    long child = child(OnDead.HOLD, parents.toArray(Long[]::new));
    long other = child(OnDead.HOLD, parents.get(0));
    assertEquals(0, repaired("waiting"));
    run("update job_waiting set unfinished = unfinished + 1");
    assertEquals(2, repaired("waiting"));
    assertEquals(2, number("select unfinished from job_waiting where id = $1", child));
    run("delete from job_edge where child = $1", other);
    assertEquals(1, repaired("waiting"));
    assertEquals("ready", state(other));
    assertEquals("waiting", state(child));
    kit.settle(done(kit.claim(1).get(0).key()));
    assertEquals(0, repaired("waiting"));
    assertEquals(1, number("select unfinished from job_waiting where id = $1", child));
  }

  @Test
  void whatAParentThatEndedHasLeftIsDone() throws Exception {
    List<Long> parents = kit.enqueue(job(1), job(2), job(3), job(4));
    long goes = child(OnDead.HOLD, parents.get(0));
    long holds = child(OnDead.HOLD, parents.get(1));
    long cancelled = child(OnDead.CANCEL, parents.get(1));
    long lost = child(OnDead.HOLD, parents.get(2));
    run("update job_ready set ties = 0 where id = any($1)", (Object) parents.toArray(Long[]::new));
    List<ClaimedJob> claimed = kit.claim(3);
    kit.settle(done(claimed.get(0).key()), buried(claimed.get(1).key()));
    run("delete from job_running where id = $1", claimed.get(2).key().id());
    assertEquals("waiting", state(goes));
    assertEquals(3, repaired("waiting"));
    await(kit.jobs.endings().cascade());
    assertEquals("ready", state(goes));
    assertEquals("waiting", state(holds));
    assertEquals("cancelled", state(cancelled));
    assertEquals("cancelled", state(lost), "nobody knows how its parent ended");
    assertEquals(0, repaired("waiting"));
  }

  @Test
  void theChildrenAndTheBatchOfAJobWithoutABodyAreLookedAfter() throws Exception {
    long batch = batch(2);
    await(batches.close(pool(), batch, null));
    List<ClaimedJob> claimed = kit.claim(1);
    long bare = number("select id from job_ready");
    long proceeds = child(OnDead.PROCEED, bare);
    long cancelled = child(OnDead.CANCEL, bare);
    kit.settle(done(claimed.get(0).key()));
    run("delete from job_body where id = $1", bare);
    assertEquals(1, repaired("bodies"));
    assertEquals(1, count("cascade"));
    await(kit.jobs.endings().cascade());
    assertEquals("ready", state(proceeds));
    assertEquals("cancelled", state(cancelled));
    assertEquals(1, repaired("batches"));
    assertEquals(Batches.State.DONE, get(batch).state());
  }
}
