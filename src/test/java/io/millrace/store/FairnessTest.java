package io.millrace.store;

import static io.millrace.store.JobsTestKit.want;
import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Users share a kind by their weights, and each user's jobs keep their order. */
@Timeout(60)
class FairnessTest {
  private static int next;

  private JobsTestKit kit;
  private String kind;

  @BeforeEach
  void empty() throws Exception {
    kit = new JobsTestKit();
    kind = "fair-" + ++next;
  }

  private List<NewJob> jobs(long user, int n) {
    return Collections.nCopies(n, NewJob.of(user, kind, "{}"));
  }

  private List<ClaimedJob> claim(int n) throws Exception {
    return await(kit.jobs.claim(kit.worker, List.of(want(kind, n))));
  }

  private static long user(int weight) throws Exception {
    return number(
        "insert into account (email, weight) values ($1, $2) returning user_id",
        "fair-" + System.nanoTime() + "@example.org",
        weight);
  }

  /** Enqueues calls from several connections at once, each beginning when its last has ended. */
  private Future<?> calls(int connections, int calls, int size) {
    List<Future<?>> all = new ArrayList<>();
    for (int c = 0; c < connections; c++) {
      Future<?> last = Future.succeededFuture();
      for (int i = 0; i < calls; i++) {
        last = last.compose(v -> kit.jobs.enqueue(pool(), jobs(1, size)));
      }
      all.add(last);
    }
    return Future.join(all);
  }

  /** How many of others are claimed before the first of a user. */
  private int before(long user) throws Exception {
    for (int before = 0; ; ) {
      for (ClaimedJob job : claim(10)) {
        if (job.key().user() == user) {
          return before;
        }
        before++;
      }
    }
  }

  @Test
  void aUserWithAHundredThousandJobsDelaysAnotherByNoMoreThanWhatIsClaimed() throws Exception {
    await(calls(10, 100, 100));
    assertEquals(100_000, JobsTestKit.count("ready"));
    assertEquals(500, claim(500).size());
    await(kit.jobs.enqueue(pool(), jobs(2, 1)));
    int before = before(2);
    assertTrue(before <= 200, before + " before it");
  }

  @Test
  void norDoesOneWhoBringsThemOneByOne() throws Exception {
    await(calls(10, 500, 1));
    claim(100);
    await(kit.jobs.enqueue(pool(), jobs(2, 1)));
    int before = before(2);
    assertTrue(before <= 800, before + " before it");
  }

  @Test
  void norDoesOneWhileACallOfHisIsStillOpen() throws Exception {
    Promise<Void> end = Promise.promise();
    Future<Void> open =
        pool().withTransaction(c -> kit.jobs.enqueue(c, jobs(1, 100)).compose(ids -> end.future()));
    await(calls(4, 250, 10));
    claim(100);
    await(kit.jobs.enqueue(pool(), jobs(2, 1)));
    int before = before(2);
    end.complete();
    await(open);
    assertTrue(before <= 800, before + " before it");
  }

  @Test
  void aUserGetsAsMuchAsHisWeight() throws Exception {
    long heavy = user(3);
    long light = user(1);
    await(kit.jobs.enqueue(pool(), jobs(heavy, 2_000)));
    await(kit.jobs.enqueue(pool(), jobs(light, 2_000)));
    long ofHeavy = claim(400).stream().filter(c -> c.key().user() == heavy).count();
    assertTrue(Math.abs(ofHeavy - 300) <= 2, ofHeavy + " of 400");
  }

  @Test
  void whatCostsMoreComesMoreSeldom() throws Exception {
    List<NewJob> costly =
        jobs(1, 1_000).stream().map(j -> j.with(JobOptions.NONE.cost(4))).toList();
    await(kit.jobs.enqueue(pool(), costly));
    await(kit.jobs.enqueue(pool(), jobs(2, 1_000)));
    long ofCostly = claim(500).stream().filter(c -> c.key().user() == 1).count();
    assertTrue(Math.abs(ofCostly - 100) <= 2, ofCostly + " of 500");
  }

  @Test
  void whatIsLessUrgentComesToItsTurnByItself() throws Exception {
    await(kit.jobs.enqueue(pool(), List.of(NewJob.of(1, kind, "{}").priority(-1))));
    // Each is worth a thousand ordinary jobs, and a step of priority ten thousand.
    List<NewJob> others =
        jobs(2, 200).stream().map(j -> j.with(JobOptions.NONE.cost(1_000))).toList();
    await(kit.jobs.enqueue(pool(), others));
    int before = before(1);
    assertTrue(before >= 8 && before <= 20, before + " before it");
  }

  @Test
  void theMoreUrgentComesFirstWithinAUserAndAcrossUsers() throws Exception {
    await(kit.jobs.enqueue(pool(), jobs(1, 500)));
    await(kit.jobs.enqueue(pool(), List.of(NewJob.of(1, kind, "{}").priority(1))));
    await(kit.jobs.enqueue(pool(), List.of(NewJob.of(2, kind, "{}").priority(2))));
    List<ClaimedJob> first = claim(2);
    assertEquals(List.of(2L, 1L), first.stream().map(c -> c.key().user()).toList());
    assertTrue(first.get(1).key().id() > first.get(0).key().id() - 2, "the last of user 1");
  }

  @Test
  void whatACallBringsComesBeforeWhatLaterCallsBringWhateverGoesOnMeanwhile() throws Exception {
    record Call(long begun, long ended, List<Long> ids) {}
    List<Call> calls = Collections.synchronizedList(new ArrayList<>());
    AtomicLong time = new AtomicLong();
    Random random = new Random(11);
    List<Future<?>> all = new ArrayList<>();
    for (int c = 0; c < 6; c++) {
      Future<?> last = Future.succeededFuture();
      for (int i = 0; i < 60; i++) {
        int size = random.nextInt(4) == 0 ? 1 + random.nextInt(150) : 1 + random.nextInt(3);
        last =
            last.compose(
                v -> {
                  long begun = time.incrementAndGet();
                  return kit.jobs
                      .enqueue(pool(), jobs(1, size))
                      .onSuccess(ids -> calls.add(new Call(begun, time.incrementAndGet(), ids)));
                });
      }
      all.add(last);
      // Others move the clock.
      all.add(kit.jobs.enqueue(pool(), jobs(100 + c, 300)));
    }
    Future<?> enqueued = Future.join(all);
    Map<Long, Integer> order = new HashMap<>();
    boolean over = false;
    while (!over) {
      boolean last = enqueued.isComplete();
      List<ClaimedJob> claimed = claim(1 + random.nextInt(40));
      claimed.forEach(j -> order.put(j.key().id(), order.size()));
      over = last && claimed.isEmpty();
    }
    await(enqueued);
    for (Call call : calls) {
      for (int i = 1; i < call.ids().size(); i++) {
        assertTrue(
            order.get(call.ids().get(i - 1)) < order.get(call.ids().get(i)), "within a call");
      }
      int last = order.get(call.ids().get(call.ids().size() - 1));
      for (Call later : calls) {
        if (later.begun() > call.ended()) {
          assertTrue(last < order.get(later.ids().get(0)), "a later call overtook " + call.ids());
        }
      }
    }
  }

  @Test
  void aJobThatYieldsGoesBehindWhatTheUserHadQueued() throws Exception {
    await(kit.jobs.enqueue(pool(), jobs(1, 100)));
    ClaimedJob first = claim(1).get(0);
    await(
        kit.jobs
            .endings()
            .settle(List.of(new Settlement.Postponed(first.key(), 0, "slice", false))));
    List<Long> rest = claim(200).stream().map(c -> c.key().id()).toList();
    assertEquals(100, rest.size());
    assertEquals(first.key().id(), rest.get(99));
  }

  @Test
  void whoIsPromotedComesInAsIfHeCameNow() throws Exception {
    await(kit.jobs.enqueue(pool(), jobs(1, 1_000)));
    long id =
        await(
                kit.jobs.enqueue(
                    pool(),
                    List.of(NewJob.of(2, kind, "{}").at(java.time.Instant.now().plusSeconds(1)))))
            .get(0);
    claim(50);
    StoreTestKit.run("update job_scheduled set run_at = clock() where id = $1", id);
    assertEquals(1, await(kit.jobs.promote(100)).count());
    int before = before(2);
    assertTrue(before <= 20, before + " before it");
  }

  @Test
  void tagsThatArePassedAreRemoved() throws Exception {
    await(calls(8, 40, 100));
    await(calls(1, 1, 100));
    long rows = number("select count(*) from job_tag");
    assertTrue(rows <= 8, rows + " rows for one user");
  }

  @Test
  void whatOthersThatKeepComingLeaveOverGoesToWhoHasMore() throws Exception {
    await(kit.jobs.enqueue(pool(), jobs(1, 20)));
    int left = 20;
    for (int round = 0; round < 60 && left > 0; round++) {
      int shift = round * 100;
      await(
          kit.jobs.enqueue(
              pool(),
              IntStream.range(0, 45)
                  .mapToObj(i -> NewJob.of(1_000 + shift + i, kind, "{}"))
                  .toList()));
      left -= (int) claim(50).stream().filter(c -> c.key().user() == 1).count();
    }
    assertEquals(0, left);
  }
}
