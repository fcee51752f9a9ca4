package io.millrace.engine;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.pool;
import static io.millrace.store.StoreTestKit.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.ClaimedJob;
import io.millrace.store.NewJob;
import io.millrace.store.Starts;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs that begin in the transaction that brings them. */
class ImmediateStartsTest {
  private static final int MOST = 200;

  private EngineTestKit kit;
  private final List<Integer> order = Collections.synchronizedList(new ArrayList<>());
  private final Promise<Void> gate = Promise.promise();

  @BeforeEach
  void open() {
    kit = new EngineTestKit();
    kit.poll = Duration.ofMinutes(5);
  }

  @AfterEach
  void close() throws Exception {
    gate.tryComplete();
    kit.close();
  }

  private Future<Outcome> note(JobContext<EngineTestKit.Payload> job) {
    order.add(job.payload().n());
    return Future.succeededFuture(new Outcome.Completed(null));
  }

  private long enqueue(int n) throws Exception {
    return await(kit.enqueuer.enqueue(kit.kind, 7, new EngineTestKit.Payload(n)));
  }

  /** Enqueues one after the other until one has begun where it was brought. */
  private void untilAtOnce() throws Exception {
    for (int n = 0; n < MOST; n++) {
      long id = enqueue(n);
      kit.until("completed", List.of(id));
      if (number("select count(*) from job_outcome where id = $1 and ready_at = started_at", id)
          == 1) {
        return;
      }
    }
    throw new AssertionError("none of " + MOST + " jobs began at once");
  }

  @Test
  void beginsWhereItIsBrought() throws Exception {
    kit.start(this::note);
    untilAtOnce();
    assertEquals(0, number("select count(*) from job_running where user_id = 7"));
  }

  @Test
  void nobodyIsOvertaken() throws Exception {
    // One after the other, since two runs at once may be noted in either order.
    kit.settings = new KindSettings(1, Duration.ofSeconds(20), 3);
    kit.start(this::note);
    untilAtOnce();
    order.clear();
    // Nobody tells the claimer of this one.
    long first = await(kit.jobs.enqueue(pool(), List.of(job(1)))).get(0);
    long second = enqueue(2);
    kit.until("completed", List.of(first, second));
    assertEquals(List.of(1, 2), order);
  }

  private NewJob job(int n) {
    return NewJob.of(7, kit.kind, "{\"n\":" + n + "}");
  }

  @Test
  void runsOfOneUserKeepTheirOrder() throws Exception {
    kit.settings = new KindSettings(1, Duration.ofSeconds(20), 3);
    kit.start(this::note);
    untilAtOnce();
    order.clear();
    List<Long> ids = new ArrayList<>();
    List<Integer> expected = new ArrayList<>();
    for (int n = 0; n < MOST; n++) {
      ids.add(enqueue(n));
      expected.add(n);
    }
    kit.until("completed", ids);
    assertEquals(expected, order);
  }

  @Test
  void noMoreThanThereAreSlots() throws Exception {
    kit.settings = new KindSettings(2, Duration.ofSeconds(20), 3);
    kit.start(job -> job.payload().n() < MOST ? note(job) : gate.future().compose(v -> note(job)));
    untilAtOnce();
    List<Long> ids = new ArrayList<>();
    for (int n = 0; n < 5; n++) {
      ids.add(enqueue(MOST + n));
    }
    kit.until("running", ids.subList(0, 2));
    assertEquals(3, kit.in("ready", ids));
    gate.complete();
    kit.until("completed", ids);
  }

  @Test
  void aPausedKindStands() throws Exception {
    kit.start(this::note);
    untilAtOnce();
    run("update job_kind set paused = true where name = $1", kit.kind);
    long id = enqueue(0);
    assertEquals(1, kit.in("ready", List.of(id)));
    run("update job_kind set paused = false where name = $1", kit.kind);
    kit.wake();
    kit.until("completed", List.of(id));
  }

  @Test
  void aLimitHolds() throws Exception {
    kit.start(this::note);
    untilAtOnce();
    run("update job_kind set max_running = 0 where name = $1", kit.kind);
    long id = enqueue(0);
    kit.wake();
    assertEquals(1, kit.in("ready", List.of(id)));
    run("update job_kind set max_running = null where name = $1", kit.kind);
  }

  @Test
  void whoEnqueuesDoesNotWaitForWhoChangesALimit() throws Exception {
    kit.start(this::note);
    untilAtOnce();
    SqlConnection other = await(pool().getConnection());
    await(other.query("begin").execute());
    await(other.query("lock table job_running in exclusive mode").execute());
    long id = enqueue(0);
    assertEquals(1, kit.in("ready", List.of(id)));
    await(other.query("commit").execute());
    await(other.close());
    kit.wake();
    kit.until("completed", List.of(id));
  }

  @Test
  void slotsHoldWhenJobsComeBothWaysAtOnce() throws Exception {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    kit.settings = new KindSettings(1, Duration.ofSeconds(20), 3);
    kit.start(
        job -> {
          most.accumulateAndGet(running.incrementAndGet(), Math::max);
          return kit.vertx
              .timer(2, TimeUnit.MILLISECONDS)
              .compose(
                  v -> {
                    running.decrementAndGet();
                    return note(job);
                  });
        });
    untilAtOnce();
    List<Long> ids = new ArrayList<>();
    for (int n = 0; n < MOST; n++) {
      Future<List<Long>> queued = kit.jobs.enqueue(pool(), List.of(job(n)));
      kit.wake();
      ids.add(enqueue(n));
      ids.addAll(await(queued));
      kit.wake();
    }
    kit.until("completed", ids);
    assertEquals(1, most.get());
  }

  @Test
  void straysAreLookedForOnlyWhenNoneIsUnderWay() throws Exception {
    await(kit.jobs.enqueue(pool(), List.of(job(0))));
    run("delete from job_ready where user_id = 7");
    run(
        "insert into worker (id, host, pid, expires_at) overriding system value"
            + " values (-1, 'here', 0, clock() + interval '1 hour')");
    Vertx vertx = kit.vertx;
    Context context = vertx.getOrCreateContext();
    Strays strays = new Strays(null, kit.jobs, run -> false);
    Promise<ClaimedJob> ended = Promise.promise();
    ImmediateStarts starts =
        new ImmediateStarts(
            vertx,
            context,
            new Starts(pool(), kit.jobs.kinds()),
            strays,
            kind -> new ImmediateStarts.Place(-1, 1_000, Long.MIN_VALUE),
            (kind, job) -> ended.complete(job));
    SqlConnection other = await(pool().getConnection());
    await(other.query("begin").execute());
    await(other.query("lock table job_kind in access exclusive mode").execute());
    Future<Long> start = starts.start(job(1));
    Promise<Void> looked = Promise.promise();
    CountDownLatch lost = new CountDownLatch(1);
    context.runOnContext(
        v -> {
          strays.lost();
          starts.quiet(Future::succeededFuture).onComplete(looked);
          lost.countDown();
        });
    assertTrue(lost.await(10, TimeUnit.SECONDS));
    // While they are looked for, or about to be, nobody else begins.
    assertNull(await(starts.start(job(2))));
    assertFalse(looked.future().isComplete());
    await(other.query("commit").execute());
    await(other.close());
    long id = await(start);
    assertEquals(id, await(ended.future()).key().id());
    await(looked.future());
    run("delete from job_running where worker = -1");
    run("delete from worker where id = -1");
  }
}
