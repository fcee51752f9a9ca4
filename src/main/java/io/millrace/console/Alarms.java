package io.millrace.console;

import io.millrace.engine.CheckFinding;
import io.millrace.engine.Engine;
import io.millrace.limit.LocalCodec;
import io.millrace.store.Alerts;
import io.millrace.store.Turns;
import io.millrace.store.Vitals;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells somebody when something is wrong, one instance a process: what only this process sees it
 * judges itself, what all see one of them judges in its turn. A row in the database says how an
 * alert stands, so each is told once. What is committed goes to the log, to the event bus and to
 * the webhook.
 */
public final class Alarms extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(Alarms.class);
  private static final long FIRST_PAUSE_MS = 1_000;
  private static final int UNSEEN_LOOKS = 4;
  private static final long FORGET_EVERY_MS = 3_600_000;

  /**
   * What is looked at.
   *
   * @param process the name of this one
   * @param unitsPerDay 0 for no limit
   * @param pollEvery after which a mailbox in step is looked at again; 0 is never
   * @param checkEvery between two runs of the checks
   * @param memory the share in use
   * @param cost of the user who costs most today
   */
  public record Sight(
      String process,
      VitalSigns signs,
      Meters meters,
      long unitsPerDay,
      Duration pollEvery,
      Duration checkEvery,
      DoubleSupplier memory,
      Supplier<OptionalDouble> cost) {}

  private record Found(long nanos, long count) {}

  private final AlertSettings settings;
  private final Alerts alerts;
  private final Vitals vitals;
  private final Turns turns;
  private final Sight sight;
  private final InstantSource clock;
  private final AlertJudge judge;
  private final Samples samples;
  private final Map<String, Found> found = new HashMap<>();
  private AlertWebhook webhook;
  private Future<?> judging = Future.succeededFuture();
  private long timer;

  /** Tells nothing before it is deployed. */
  public Alarms(
      AlertSettings settings,
      Alerts alerts,
      Vitals vitals,
      Turns turns,
      Sight sight,
      InstantSource clock) {
    this.settings = settings;
    this.alerts = alerts;
    this.vitals = vitals;
    this.turns = turns;
    this.sight = sight;
    this.clock = clock;
    this.judge = new AlertJudge(settings);
    this.samples = new Samples(settings.window(), settings.minSample());
  }

  @Override
  public Future<?> start() {
    vertx.eventBus().registerDefaultCodec(AlertTold.class, new LocalCodec<>(AlertTold.class));
    webhook =
        settings
            .webhook()
            .map(to -> new AlertWebhook(vertx, to, FIRST_PAUSE_MS, clock))
            .orElse(null);
    timer =
        vertx.setPeriodic(
            FORGET_EVERY_MS,
            id ->
                alerts
                    .forget(settings.keepDays())
                    .onFailure(e -> log.warn("no past alerts are forgotten: {}", e.getMessage())));
    sight.signs().listen(seen -> context.runOnContext(v -> look(seen)));
    return vertx
        .eventBus()
        .<CheckFinding>localConsumer(Engine.CHECK, m -> found(m.body()))
        .completion();
  }

  private void found(CheckFinding finding) {
    if (finding.found() + finding.repaired() == 0) {
      return; // What was found a moment ago is still to be told.
    }
    found.put(finding.check(), new Found(System.nanoTime(), finding.found()));
  }

  /** One look at a time; one that comes too early is left out. */
  private void look(Signs seen) {
    if (!judging.isComplete()) {
      return;
    }
    judging =
        turns
            .take("alerts", settings.every().toMillis() * 3 / 4)
            .compose(mine -> mine ? vitals.today().map(today -> shared(seen, today)) : none())
            .compose(
                all -> {
                  List<Sample> both = new ArrayList<>(all);
                  both.addAll(own(seen.nanos()));
                  return judge(judge.wanted(both));
                })
            .onSuccess(events -> events.forEach(this::tell))
            .onFailure(e -> log.warn("alerts could not be judged: {}", e.getMessage()))
            .otherwiseEmpty();
  }

  private static Future<List<Sample>> none() {
    return Future.succeededFuture(List.of());
  }

  private List<Sample> shared(Signs seen, Vitals.Today today) {
    return samples.shared(seen, today, sight.unitsPerDay(), sight.pollEvery(), sight.cost().get());
  }

  private List<Sample> own(long nanos) {
    List<Sample> all =
        samples.own(
            sight.process(),
            nanos,
            sight.meters().attempts().now(),
            sight.meters().answers().now(),
            sight.memory().getAsDouble());
    long lasts = 2 * sight.checkEvery().toNanos();
    found.values().removeIf(f -> nanos - f.nanos() > lasts);
    found.forEach((check, f) -> all.add(new Sample(AlertSource.STUCK, check, f.count())));
    return all;
  }

  private Future<List<Alerts.Event>> judge(List<Sample> wanted) {
    long stale = settings.hold().plus(settings.every().multipliedBy(UNSEEN_LOOKS)).toMillis();
    return alerts.judge(
        wanted.stream().map(AlertJudge::key).toList(),
        stale,
        (rows, now) -> judge.judge(wanted, rows, now));
  }

  private void tell(Alerts.Event event) {
    AlertTold told = new AlertTold(event, runbook(event));
    var line =
        switch (event.level()) {
          case "critical" -> log.atError();
          case "warn" -> log.atWarn();
          default -> log.atInfo();
        };
    line.addKeyValue("alert", event.key().source())
        .addKeyValue("subject", event.key().subject())
        .log("{}; see {}", event.sentence(), told.runbook());
    vertx.eventBus().publish(AlertTold.ADDRESS, told);
    if (webhook != null) {
      webhook.send(told);
    }
  }

  private String runbook(Alerts.Event event) {
    AlertSource source = AlertSource.of(event.key().source());
    return settings.runbooks() + (source == null ? "" : source.page());
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(timer);
    return judging.eventually(() -> webhook == null ? Future.succeededFuture() : webhook.close());
  }
}
