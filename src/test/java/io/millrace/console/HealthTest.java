package io.millrace.console;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.pool;
import static io.millrace.store.StoreTestKit.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.limit.QuotaLimits;
import io.millrace.limit.QuotaSettings;
import io.millrace.store.HealthSamples;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.NewJob;
import io.millrace.store.Turns;
import io.millrace.store.Vitals;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Health as it is kept and read again. */
@Timeout(60)
class HealthTest {
  private static final HealthSettings SETTINGS =
      new HealthSettings(Duration.ofMillis(20), 14, 3, 5);
  private static final AlertSettings ALERTS =
      AlertJudgeTest.settings(Duration.ofMillis(10), Duration.ZERO, null);

  private final Vertx vertx = Vertx.vertx();
  private final HealthSamples samples = new HealthSamples(pool());
  private final String kind = "health-" + System.nanoTime();
  private final VitalSigns signs =
      new VitalSigns(
          new Vitals(pool()),
          new QuotaSettings(
              new QuotaLimits(0, 0, 0, 1),
              Duration.ZERO,
              Duration.ZERO,
              Duration.ZERO,
              ZoneId.of("UTC"),
              1),
          Duration.ofMillis(10),
          InstantSource.system());
  private final Health health = new Health(samples, SETTINGS, ALERTS, signs);

  @BeforeEach
  void clean() throws Exception {
    run("truncate health_sample");
    run("delete from upkeep where task = 'health'");
  }

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
    run("delete from job_ready");
  }

  @Test
  void aDeepQueueLosesPointsAndTheReasonIsKept() throws Exception {
    Jobs jobs = new Jobs(pool(), new Kinds(pool()));
    await(
        jobs.enqueue(
            pool(), IntStream.range(0, 600).mapToObj(i -> NewJob.of(i, kind, "{}")).toList()));
    await(
        vertx.deployVerticle(new HealthBook(SETTINGS, ALERTS, samples, new Turns(pool()), signs)));
    await(vertx.deployVerticle(signs));
    until("select count(*) from health_sample where kind = '" + kind + "'", Trend.LEAST);
    Health.Kind found =
        await(health.now()).stream().filter(k -> k.kind().equals(kind)).findFirst().orElseThrow();
    assertEquals(85, found.score().points());
    assertEquals("600 jobs are ready", found.score().lost().get(0).why());
    assertEquals(600, found.ready());
    assertEquals(85, Health.queues(List.of(found)).get("default"));
    assertTrue(found.trend().isPresent());
    assertEquals(
        85,
        await(health.hours(2)).stream()
            .filter(h -> h.kind().equals(kind))
            .findFirst()
            .orElseThrow()
            .score());
  }

  @Test
  void theSameHourOfPastDaysTellsWhatIsUsual() throws Exception {
    for (int day = 0; day <= 5; day++) {
      // An hour off, so that the hour before is not the same hour.
      for (int minute : new int[] {10, 30, 50}) {
        sample(day * 24 * 60 + minute, day == 0 ? 2 : 100, 50);
        sample(day * 24 * 60 + minute + 120, 7, 9);
      }
    }
    List<HealthSamples.Hour> hours = await(samples.sameHour(kind, 14));
    assertEquals(
        List.of(6L, 300L, 300L, 300L, 300L, 300L),
        hours.stream().map(HealthSamples.Hour::done).toList());
    Health.Kind found = await(health.now()).get(0);
    assertEquals(List.of("rate"), found.anomalies().stream().map(Anomaly::what).toList());
    assertTrue(found.advice().get(0).startsWith("Fewer jobs of"));
  }

  @Test
  void whatIsOldIsForgotten() throws Exception {
    sample(15 * 24 * 60, 1, 1);
    sample(13 * 24 * 60, 1, 1);
    assertEquals(1, await(samples.forget(14)));
    assertEquals(1, number("select count(*) from health_sample"));
  }

  private void sample(int minutesAgo, long done, long runMs) throws Exception {
    run(
        """
        insert into health_sample (kind, at, queue, score, lost, ready, done, failed, ran, run_ms, wait_ms)
        values ($1, clock() - $2 * interval '1 minute', 'default', 100, '[]', 0, $3, 0, $3, $3::bigint * $4::bigint, 0)""",
        kind,
        minutesAgo,
        done,
        runMs);
  }

  private void until(String sql, long least) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (number(sql) < least) {
      assertTrue(System.nanoTime() < end, "it did not come true: " + sql);
      await(vertx.timer(20, TimeUnit.MILLISECONDS));
    }
  }
}
