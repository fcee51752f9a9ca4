package io.millrace.engine;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.Batches;
import io.millrace.store.JobOptions;
import io.millrace.store.JobOptions.OnDead;
import io.millrace.store.NewJob;
import io.vertx.core.Future;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Batches are counted, end once, and say how; fan-outs try again what failed and nothing else. */
@Timeout(60)
class JobBatchesTest {
  private static final Future<Outcome> DONE = Future.succeededFuture(new Outcome.Completed("done"));

  private final EngineTestKit kit = new EngineTestKit();
  private final JobBatches batches =
      Enqueuer.of(
              kit.vertx,
              pool(),
              kit.jobs,
              List.of(new EngineTestKit.Handler(kit.kind, job -> null)))
          .batches();

  @AfterEach
  void close() throws Exception {
    kit.close();
  }

  private NewJob job(int n) {
    return NewJob.of(1, kit.kind, "{\"n\":" + n + "}");
  }

  private Batches.Batch ended(long batch) throws Exception {
    long end = System.nanoTime() + 25_000_000_000L;
    for (; ; ) {
      Batches.Batch now = await(batches.get(batch));
      if (now.state() != Batches.State.OPEN && now.state() != Batches.State.RUNNING) {
        return now;
      }
      assertTrue(System.nanoTime() < end, now.toString());
      await(kit.vertx.timer(20, java.util.concurrent.TimeUnit.MILLISECONDS));
    }
  }

  /** 0: completed, 1: skipped, 2: cancelled, 3 and above: dead. */
  private static Future<Outcome> byNumber(int n) {
    return switch (n % 10) {
      case 0 -> DONE;
      case 1 -> Future.succeededFuture(new Outcome.Skipped("nothing to do"));
      case 2 -> Future.succeededFuture(new Outcome.Cancelled("not wanted"));
      default ->
          Future.failedFuture(new JobFailure(FailureClass.PERMANENT, "it cannot be", null, null));
    };
  }

  @Test
  void aBatchOfManyItemsIsThatManyJobsAndEndsOnceWithItsCallback() throws Exception {
    AtomicInteger told = new AtomicInteger();
    kit.start(
        job -> {
          if (job.payload().n() == 1_000_000) {
            told.incrementAndGet();
            return DONE;
          }
          return byNumber(0);
        });
    long batch = await(batches.open(pool(), 1, "many", Batches.MIN_RATIO));
    assertEquals(
        300,
        await(
                batches.add(
                    pool(), batch, IntStream.range(0, 300).mapToObj(i -> job(i * 10)).toList()))
            .size());
    assertEquals(300, await(batches.get(batch)).total());
    assertEquals(Batches.State.OPEN, await(batches.get(batch)).state());
    await(batches.close(pool(), batch, job(1_000_000)));
    Batches.Batch done = ended(batch);
    assertEquals(Batches.State.DONE, done.state());
    assertEquals(300, done.completed());
    kit.until("completed", List.of(done.callbackJob()));
    assertEquals(1, told.get());
    assertThrows(Exception.class, () -> await(batches.add(pool(), batch, List.of(job(0)))));
    Exception twice =
        assertThrows(Exception.class, () -> await(batches.close(pool(), batch, null)));
    assertTrue(twice.getMessage().contains("closed already"), twice.getMessage());
  }

  @Test
  void theRatioOfCompletedJobsSaysWhetherItIsAPartialSuccess() throws Exception {
    kit.start(job -> byNumber(job.payload().n()));
    assertEquals(Batches.State.PARTIAL, endOf(0, 0, 3).state());
    assertEquals(Batches.State.FAILED, endOf(0, 0, 1, 1).state(), "skipped is no success");
    assertEquals(Batches.State.FAILED, endOf(0, 2, 3).state());
    assertEquals(Batches.State.DONE, endOf().state());
    Batches.Batch mixed = endOf(0, 0, 1, 2, 3);
    assertEquals(
        List.of(5L, 2L, 1L, 1L, 1L),
        List.of(
            mixed.total(), mixed.completed(), mixed.skipped(), mixed.cancelled(), mixed.dead()));
  }

  private Batches.Batch endOf(int... numbers) throws Exception {
    long batch = await(batches.open(pool(), 1, "some", 0.66));
    await(batches.add(pool(), batch, IntStream.of(numbers).mapToObj(this::job).toList()));
    await(batches.close(pool(), batch, job(0)));
    Batches.Batch ended = ended(batch);
    kit.until("completed", List.of(ended.callbackJob()));
    return ended;
  }

  @Test
  void childrenThatAreCancelledWithTheirParentCountAsWell() throws Exception {
    kit.start(job -> byNumber(job.payload().n()));
    long batch = await(batches.open(pool(), 1, "family", 0.5));
    await(
        batches.add(
            pool(),
            batch,
            List.of(
                job(3),
                job(0).with(JobOptions.NONE.afterIndex(List.of(0), OnDead.CANCEL)),
                job(0).with(JobOptions.NONE.afterIndex(List.of(1), OnDead.CANCEL)),
                job(0).with(JobOptions.NONE.afterIndex(List.of(0), OnDead.PROCEED)))));
    await(batches.close(pool(), batch, null));
    Batches.Batch ended = ended(batch);
    assertEquals(List.of(1L, 2L, 1L), List.of(ended.completed(), ended.cancelled(), ended.dead()));
    CriticalPath path = await(batches.criticalPath(batch));
    assertTrue(path.chain().size() >= 1 && path.blocker().state().equals("dead"), path.toString());
  }

  @Test
  void aRetryRunsOnlyTheUnitsThatFailedOrAreMissing() throws Exception {
    Set<String> broken = ConcurrentHashMap.newKeySet();
    broken.addAll(Set.of("1", "2", "3"));
    List<Integer> ran = java.util.Collections.synchronizedList(new java.util.ArrayList<>());
    kit.start(
        job -> {
          ran.add(job.payload().n());
          return byNumber(broken.contains("" + job.payload().n()) ? job.payload().n() : 0);
        });
    FanOut fanOut =
        FanOut.over("region", List.of("eu", "us")).by("question", List.of("a", "b", "c"));
    List<String> keys = fanOut.units().stream().map(FanOut.Unit::key).toList();
    long batch =
        await(
            batches.fanOut(
                1, "questions", fanOut, 0.5, unit -> job(keys.indexOf(unit.key())), job(100)));
    Batches.Batch first = ended(batch);
    assertEquals(Batches.State.PARTIAL, first.state());
    assertEquals(
        List.of(keys.get(1), keys.get(2), keys.get(3)),
        await(batches.lacking(batch)).stream().map(FanOut.Unit::key).toList());
    // One that completed is gone from history: it is missing.
    io.millrace.store.StoreTestKit.run(
        "update job_body set options = options - 'unit' where batch_id = $1 and options ->> 'unit' = $2",
        batch,
        keys.get(5));
    kit.until("completed", List.of(first.callbackJob()));
    ran.clear();
    broken.clear();
    List<Long> again = await(batches.retry(batch, unit -> job(keys.indexOf(unit.key()))));
    assertEquals(4, again.size());
    kit.until("completed", again);
    assertEquals(Set.of(1, 2, 3, 5), Set.copyOf(ran));
    assertEquals(4, ran.size());
    Batches.Batch second = ended(batch);
    assertEquals(Batches.State.DONE, second.state(), second.toString());
    assertEquals(7, second.total(), "six units, and the one that was missing");
    assertEquals(first.callbackJob(), second.callbackJob(), "it is told of once");
    assertEquals(
        1,
        number(
            "select count(*) from job_dead where redriven_as = any($1)",
            (Object) again.toArray(Long[]::new)));
    assertEquals(List.of(), await(batches.lacking(batch)));
    assertEquals(List.of(), await(batches.retry(batch, unit -> job(0))));
  }

  @Test
  void aUnitWhoseResultCannotBeWrittenHasFailed() throws Exception {
    kit.start(
        job ->
            job.write(
                    tx ->
                        tx.connection()
                            .query(
                                job.payload().n() == 1
                                    ? "insert into no_such_table values (1)"
                                    : "select 1")
                            .execute())
                .compose(v -> DONE));
    long batch =
        await(
            batches.fanOut(
                1,
                "results",
                FanOut.over("n", List.of("0", "1")),
                0.67,
                unit -> job(Integer.parseInt(unit.at().get("n"))),
                null));
    Batches.Batch ended = ended(batch);
    assertEquals(Batches.State.FAILED, ended.state());
    assertEquals(1, ended.dead());
    assertEquals(
        "n=1",
        one(
            String.class,
            "select b.options ->> 'unit' from job_dead d join job_body b using (id) where b.batch_id = $1",
            batch));
  }
}
