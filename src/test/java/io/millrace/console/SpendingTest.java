package io.millrace.console;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.pool;
import static io.millrace.store.StoreTestKit.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.ClaimedJob;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.NewJob;
import io.millrace.store.RunKey;
import io.millrace.store.Settlement;
import io.millrace.store.StoreTestKit;
import io.millrace.store.Tallies;
import io.millrace.store.Usage;
import io.millrace.store.Workers;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What users spend, as it is counted, kept and priced. */
@Timeout(60)
class SpendingTest {
  private static final CostSettings COST =
      new CostSettings(2, 3, 1, 3, 5, Duration.ofHours(1), 400);

  private final Vertx vertx = Vertx.vertx();
  private final Usage usage = new Usage(pool());
  private final Spending spending = new Spending(COST, usage, "google_gmail_sync");

  @BeforeEach
  void clean() throws Exception {
    run("truncate usage_daily");
  }

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  void whatWasCountedIsWrittenOnceAtTheLatestAtTheEnd() throws Exception {
    String id = await(vertx.deployVerticle(spending));
    for (int i = 0; i < 1_000; i++) {
      spending.called(1, 2, 10);
      spending.received(1, 100);
    }
    spending.called(2, 1, 5);
    spending.begun(job(2, "embed")).tokens(1_000_000);
    await(vertx.undeploy(id));
    List<Usage.Day> days = await(usage.dearest(await(usage.today()), COST.prices(), 10));
    assertEquals(List.of(1L, 2L), days.stream().map(Usage.Day::user).toList());
    assertEquals(10_000, days.get(0).units());
    assertEquals(2_000, days.get(0).calls());
    assertEquals(100_000, days.get(0).bytes());
    assertEquals(1_000_000, days.get(1).tokens());
    assertEquals(20, COST.of(10_000, 0, 0));
    assertEquals(3.01, COST.of(5, 1_000_000, 0), 1e-9);
  }

  @Test
  void whatCannotBeWrittenWaits() throws Exception {
    run("alter table usage_daily rename to usage_away");
    Spending fast =
        new Spending(
            new CostSettings(0, 0, 0, 3, 5, Duration.ofMillis(5), 400), usage, "google_gmail_sync");
    fast.called(3, 1, 5);
    await(vertx.deployVerticle(fast));
    long refused = StoreTestKit.database().refused();
    until(() -> StoreTestKit.database().refused() > refused + 1);
    run("alter table usage_away rename to usage_daily");
    until(
        () ->
            number("select coalesce(sum(units), 0)::bigint from usage_daily where user_id = 3")
                >= 5);
    assertEquals(5, number("select sum(units)::bigint from usage_daily where user_id = 3"));
  }

  @Test
  void jobsAreCountedForTheirUserWithTheTallies() throws Exception {
    Tallies tallies = new Tallies(pool());
    fold(tallies);
    run("truncate usage_daily");
    Jobs jobs = new Jobs(pool(), new Kinds(pool()));
    String kind = "spending-" + System.nanoTime();
    int worker = await(new Workers(pool()).register("here", 1, 60_000, false));
    List<NewJob> made = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      made.add(NewJob.of(70 + i % 2, kind, "{}"));
    }
    await(jobs.enqueue(pool(), made));
    var claimed =
        await(jobs.claim(worker, List.of(new Jobs.Want(kind, 10, 60_000, Long.MIN_VALUE))));
    List<Settlement> ends = new ArrayList<>();
    for (var job : claimed) {
      ends.add(
          ends.isEmpty()
              ? new Settlement.Buried(job.key(), "test", "{}")
              : new Settlement.Finished(job.key(), "completed", null));
    }
    await(jobs.endings().settle(ends));
    fold(tallies);
    List<Usage.Day> days = await(usage.of(70, LocalDate.EPOCH));
    days = new ArrayList<>(days);
    days.addAll(await(usage.of(71, LocalDate.EPOCH)));
    assertEquals(4, days.stream().mapToLong(Usage.Day::jobs).sum());
    assertEquals(1, days.stream().mapToLong(Usage.Day::dead).sum());
    assertEquals(
        0.5, days.stream().mapToDouble(d -> d.success().orElseThrow()).min().orElseThrow());
  }

  private static ClaimedJob job(long user, String kind) {
    return new ClaimedJob(new RunKey(user, 1, 1), LocalDate.EPOCH, kind, 0, "{}", null);
  }

  private void until(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.call()) {
      assertTrue(System.nanoTime() < end, "it did not come true");
      await(vertx.timer(10, TimeUnit.MILLISECONDS));
    }
  }

  private static void fold(Tallies tallies) throws Exception {
    while (await(tallies.fold(10_000)) > 0) {
      // A fold counts a bounded number of changes.
      StoreTestKit.number("select count(*) from upkeep");
    }
  }
}
