package io.millrace.engine;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static io.millrace.store.StoreTestKit.pool;
import static io.millrace.store.StoreTestKit.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.Operations;
import io.millrace.store.RetentionSettings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What operators want reaches the processes that run the jobs. */
@Timeout(60)
class OperatorTest {
  private final EngineTestKit kit = new EngineTestKit();
  private final List<String> deployed = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (String id : deployed) {
      await(kit.vertx.undeploy(id));
    }
    kit.close();
  }

  private Operator operator() {
    Map<String, KnownKind<?>> kinds =
        KnownKind.of(List.of(new EngineTestKit.Handler(kit.kind, job -> null)));
    Enqueuer enqueuer = new Enqueuer(kit.vertx, pool(), kit.jobs, kinds);
    return new Operator(kit.vertx, pool(), kit.jobs, enqueuer);
  }

  private void until(BooleanSupplier holds) throws Exception {
    long end = System.nanoTime() + 60_000_000_000L;
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "it did not happen in time");
      await(kit.vertx.timer(20, java.util.concurrent.TimeUnit.MILLISECONDS));
    }
  }

  private static Future<Outcome> untilStopped(
      JobContext<EngineTestKit.Payload> job, AtomicInteger runs) {
    runs.incrementAndGet();
    Promise<Outcome> end = Promise.promise();
    job.cancelled().onComplete(v -> end.fail(new IllegalStateException("it was stopped")));
    return end.future();
  }

  @Test
  void aRunningJobStopsWhenItIsCancelledAndDoesNotRunAgain() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    kit.start(job -> untilStopped(job, runs));
    List<Long> ids = kit.enqueue(1);
    until(() -> runs.get() == 1);
    assertEquals(Operations.Cancel.STOPPING, await(operator().cancel(0, ids.get(0), "enough")));
    kit.until("cancelled", ids);
    assertEquals(
        "enough", one(String.class, "select note from job_outcome where id = $1", ids.get(0)));
    kit.wake();
    assertEquals(Operations.Cancel.NOT_LIVE, await(operator().cancel(0, ids.get(0), "again")));
    assertEquals(1, runs.get());
  }

  @Test
  void aCancelInTheDatabaseIsSeenWithoutAnyMessage() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    kit.start(job -> untilStopped(job, runs));
    List<Long> ids = kit.enqueue(1);
    until(() -> runs.get() == 1);
    await(new Operations(pool(), kit.jobs.kinds()).cancel(0, ids.get(0), "from elsewhere"));
    kit.until("cancelled", ids);
  }

  @Test
  void whatIsCommittedIsToldOnTheBusInBatches() throws Exception {
    List<JobsChanged> told = Collections.synchronizedList(new ArrayList<>());
    kit.start(job -> Future.succeededFuture(new Outcome.Completed(null)));
    MessageConsumer<JobsChanged> consumer = kit.vertx.eventBus().localConsumer(Engine.CHANGED);
    consumer.handler(m -> told.add(m.body()));
    kit.until("completed", kit.enqueue(300));
    until(() -> sum(told, "completed") == 300);
    assertEquals(300, sum(told, "running"));
    assertTrue(told.stream().allMatch(c -> c.jobs().size() <= 100));
    await(consumer.unregister());
  }

  private int sum(List<JobsChanged> told, String state) {
    return List.copyOf(told).stream()
        .mapToInt(c -> c.counts().getOrDefault(kit.kind, Map.of()).getOrDefault(state, 0))
        .sum();
  }

  @Test
  void anEditedPayloadIsCheckedBeforeItIsKept() throws Exception {
    kit.start(job -> Future.succeededFuture(new Outcome.Discarded("bad", null)));
    List<Long> ids = kit.enqueue(1);
    kit.until("dead", ids);
    long id = ids.get(0);
    Operator operator = operator();
    assertThrows(PayloadException.class, () -> await(operator.edit(0, id, "{\"n\": \"seven\"}")));
    assertTrue(await(operator.edit(0, id, "{\"n\": 7}")));
    assertEquals(1, await(operator.redrive(0, id)).redriven().size());
    until(() -> dead() == 1);
  }

  private long dead() {
    try {
      return number(
          "select count(*) from job where kind in (select id from job_kind where name = '"
              + kit.kind
              + "') and state = 'dead'");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void upkeepFindsRepairsAndTells() throws Exception {
    List<CheckFinding> told = Collections.synchronizedList(new ArrayList<>());
    MessageConsumer<CheckFinding> consumer = kit.vertx.eventBus().localConsumer(Engine.CHECK);
    consumer.handler(m -> told.add(m.body()));
    run("truncate upkeep");
    List<Long> ids = kit.enqueue(2);
    run("delete from job_body where id = $1", ids.get(0));
    UpkeepSettings often =
        new UpkeepSettings(
            Duration.ofMillis(40),
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            Duration.ofDays(1),
            Duration.ofMillis(40),
            RetentionSettings.DEFAULT);
    EngineSettings engine =
        new EngineSettings(kit.lease, kit.lease, kit.poll, Duration.ZERO, Duration.ZERO, Map.of());
    deployed.add(
        await(
            kit.vertx.deployVerticle(
                new Upkeep(often, engine, pool(), kit.jobs, Set.of(kit.kind)))));
    until(() -> told.stream().anyMatch(f -> f.check().equals("bodies") && f.repaired() > 0));
    kit.until("dead", ids.subList(0, 1));
    kit.until("ready", ids.subList(1, 2));
    await(consumer.unregister());
  }

  @Test
  void whoStandsAsideIsBackSoonAfterTheLastLimitIsGone() throws Exception {
    kit.enqueue(1);
    Promoter promoter = new Promoter(kit.jobs, Duration.ofMillis(20));
    run(
        """
        insert into job_aside (user_id, id, rank, ready_at, gate, day, run, kind, priority, failures, ties)
        select i, 50000000 + i, i, clock(), hashtextextended('kind:' || k.name, i), current_date, 0, k.id, 0, 0, 0
          from job_kind k, generate_series(1, 2000) i where k.name = $1""",
        kit.kind);
    for (int looks = 0; number("select count(*) from job_aside") > 0; looks++) {
      assertTrue(looks < 12, "it takes too many looks");
      await(kit.vertx.timer(promoter.dueMs(), java.util.concurrent.TimeUnit.MILLISECONDS));
      await(promoter.promote());
    }
    run("delete from job_ready where id > 50000000");
  }
}
