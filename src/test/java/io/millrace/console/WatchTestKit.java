package io.millrace.console;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.engine.CheckFinding;
import io.millrace.engine.Engine;
import io.millrace.google.CallRoom;
import io.millrace.limit.LimitChanged;
import io.millrace.limit.LimitChanges;
import io.millrace.limit.QuotaLimits;
import io.millrace.limit.QuotaSettings;
import io.millrace.pipeline.GmailSync;
import io.millrace.store.Alerts;
import io.millrace.store.Database;
import io.millrace.store.Flow;
import io.millrace.store.HealthSamples;
import io.millrace.store.Turns;
import io.millrace.store.Usage;
import io.millrace.store.Vitals;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What watches a process, beside an API under test; looks only once it is started, and takes no
 * samples of health: tests put them there.
 */
final class WatchTestKit {
  private static final Duration EVERY = Duration.ofMillis(200);
  private static final QuotaLimits QUOTA = new QuotaLimits(15_000, 1_200_000, 80_000_000, 10);
  private static final OpsSettings SETTINGS =
      new OpsSettings(
          AlertJudgeTest.settings(EVERY, Duration.ZERO, null),
          new HealthSettings(Duration.ofSeconds(1), 14, 3, 5),
          new CostSettings(0.1, 0.02, 0.05, 3, 5, Duration.ofMillis(100), 400),
          new TraceSettings(false, "", 0, ""));

  final Spending spending;
  final Meters meters = new Meters(new SimpleMeterRegistry(), List.of(), Duration.ofMinutes(1));
  private final Vertx vertx;
  private final Pool pool;
  private final Pool reads;
  private final VitalSigns signs;
  private final LimitChanges limits;
  private final List<String> deployed = new ArrayList<>();

  WatchTestKit(Vertx vertx, Database database) {
    this.vertx = vertx;
    this.pool = database.pool();
    this.reads = database.consolePool();
    this.limits = new LimitChanges(vertx);
    this.spending = new Spending(SETTINGS.cost(), new Usage(pool), GmailSync.KIND);
    this.signs =
        new VitalSigns(
            new Vitals(pool),
            new QuotaSettings(
                QUOTA, Duration.ZERO, Duration.ZERO, Duration.ZERO, ZoneId.of("UTC"), 1),
            EVERY,
            InstantSource.system());
  }

  Watch watch() {
    return new Watch(
        reads,
        SETTINGS,
        new Health(new HealthSamples(reads), SETTINGS.health(), SETTINGS.alerts(), signs),
        () -> meters.used(QUOTA, signs),
        () -> List.of(new Watch.LimitNow("breaker:google", 100, "closed")),
        user -> new CallRoom(3, 10));
  }

  /** Begins to look. */
  void start() throws Exception {
    Turns turns = new Turns(pool);
    deploy(
        new Alarms(
            SETTINGS.alerts(),
            new Alerts(pool),
            new Vitals(pool),
            turns,
            new Alarms.Sight(
                "here/1",
                signs,
                meters,
                QUOTA.projectPerDay(),
                Duration.ZERO,
                Duration.ofMinutes(5),
                () -> Double.NaN,
                OptionalDouble::empty),
            InstantSource.system()));
    deploy(spending);
    deploy(new FlowBook(new Flow(pool), turns, signs));
    deploy(signs);
  }

  private void deploy(VerticleBase verticle) throws Exception {
    deployed.add(ApiTestKit.await(vertx.deployVerticle(verticle)));
  }

  /** A check has found so much; if it is nothing, because all was repaired. */
  void found(String check, long count) {
    int repaired = count == 0 ? 1 : 0;
    vertx
        .eventBus()
        .publish(
            Engine.CHECK, new CheckFinding(check, count, repaired, "it was put there by a test"));
  }

  /** A limit has changed. */
  void changed(String what, int old, int now, String why) {
    limits.accept(new LimitChanged(what, old, now, why));
  }

  void close() throws Exception {
    for (String id : deployed) {
      ApiTestKit.await(vertx.undeploy(id));
    }
  }
}
