package io.millrace.console;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.pool;
import static io.millrace.store.StoreTestKit.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.engine.CheckFinding;
import io.millrace.engine.Engine;
import io.millrace.limit.LocalCodec;
import io.millrace.limit.QuotaLimits;
import io.millrace.limit.QuotaSettings;
import io.millrace.store.Alerts;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.NewJob;
import io.millrace.store.Turns;
import io.millrace.store.Vitals;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.EnumMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Alerts of processes that share a database. */
@Timeout(60)
class AlarmsTest {
  private static final Duration EVERY = Duration.ofMillis(50);

  private final Vertx vertx = Vertx.vertx();
  private final Vertx other = Vertx.vertx();
  private final BlockingQueue<AlertTold> told = new LinkedBlockingQueue<>();
  private final Alerts alerts = new Alerts(pool());
  private final String kind = "alarms-" + System.nanoTime();
  private volatile double memory = Double.NaN;

  @BeforeEach
  void clean() throws Exception {
    run("truncate alert, alert_event");
    run("delete from upkeep where task = 'alerts'");
  }

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
    await(other.close());
    run("delete from job_ready");
  }

  private void start(Vertx on, String process) throws Exception {
    for (Class<?> type : List.of(CheckFinding.class)) {
      codec(on, type);
    }
    Vitals vitals = new Vitals(pool());
    VitalSigns signs =
        new VitalSigns(
            vitals,
            new QuotaSettings(
                new QuotaLimits(0, 0, 0, 1),
                Duration.ZERO,
                Duration.ZERO,
                Duration.ZERO,
                ZoneId.of("UTC"),
                1),
            EVERY,
            InstantSource.system());
    Alarms alarms =
        new Alarms(
            withMemory(AlertJudgeTest.settings(EVERY, EVERY.multipliedBy(2), null)),
            alerts,
            vitals,
            new Turns(pool()),
            new Alarms.Sight(
                process,
                signs,
                new Meters(new SimpleMeterRegistry(), List.of(), Duration.ofMinutes(1)),
                0,
                Duration.ZERO,
                Duration.ofMillis(500),
                () -> memory,
                OptionalDouble::empty),
            InstantSource.system());
    await(on.deployVerticle(alarms));
    on.eventBus().<AlertTold>localConsumer(AlertTold.ADDRESS, m -> told.add(m.body()));
    await(on.deployVerticle(signs));
  }

  private static <T> void codec(Vertx on, Class<T> type) {
    on.eventBus().registerDefaultCodec(type, new LocalCodec<>(type));
  }

  private static AlertSettings withMemory(AlertSettings s) {
    var thresholds = new EnumMap<AlertSource, Threshold>(s.thresholds());
    thresholds.put(AlertSource.MEMORY, new Threshold(0.8, 0.9));
    return new AlertSettings(
        s.every(),
        s.hold(),
        s.margin(),
        s.window(),
        s.minSample(),
        s.keepDays(),
        s.runbooks(),
        s.webhook(),
        thresholds);
  }

  @Test
  void ofTwoProcessesOneTellsOfADeepQueueAndThatItIsOver() throws Exception {
    start(vertx, "one");
    start(other, "two");
    Jobs jobs = new Jobs(pool(), new Kinds(pool()));
    await(
        jobs.enqueue(
            pool(), IntStream.range(0, 120).mapToObj(i -> NewJob.of(i, kind, "{}")).toList()));
    AlertTold raised = next(kind);
    assertEquals("queueDepth", raised.event().key().source());
    assertEquals(kind, raised.event().key().subject());
    assertEquals("warn", raised.event().level());
    assertEquals("docs/runbooks/queue-depth.md", raised.runbook());
    assertEquals(1, open());

    run("delete from job_ready");
    AlertTold over = next(kind);
    assertEquals("ok", over.event().level());
    assertEquals("warn", over.event().was());
    assertTrue(over.event().id() > raised.event().id());
    assertEquals(
        2,
        await(alerts.events(Long.MAX_VALUE, 1_000)).stream()
            .filter(e -> e.key().subject().equals(kind))
            .count());
    assertEquals(0, number("select count(*) from alert where subject = $1", kind));
    assertTrue(told.stream().noneMatch(t -> t.event().key().subject().equals(kind)));
  }

  @Test
  void whatOneProcessSeesIsOverWhenItIsSeenNoMore() throws Exception {
    memory = 0.95;
    start(vertx, "one");
    assertEquals("critical", next("one").event().level());
    memory = Double.NaN;
    AlertTold over = next("one");
    assertEquals("ok", over.event().level());
    assertEquals(null, over.event().value());
  }

  @Test
  void aStuckCheckIsToldAndForgottenAfterAWhile() throws Exception {
    start(vertx, "one");
    vertx.eventBus().publish(Engine.CHECK, new CheckFinding("overdue", 3, 3, "job 7"));
    AlertTold raised = next("overdue");
    assertEquals("stuck", raised.event().key().source());
    assertEquals("overdue", raised.event().key().subject());
    assertEquals("ok", next("overdue").event().level());
  }

  private long open() throws Exception {
    return await(alerts.open()).stream().filter(s -> s.key().subject().equals(kind)).count();
  }

  /** Other tests leave jobs behind that are told of as well. */
  private AlertTold next(String subject) throws InterruptedException {
    AlertTold one;
    do {
      one = told.poll(20, TimeUnit.SECONDS);
      assertTrue(one != null, "nothing was told of " + subject);
    } while (!one.event().key().subject().equals(subject));
    return one;
  }
}
