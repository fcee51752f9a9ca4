package io.millrace.console;

import io.millrace.store.HealthSamples;
import io.millrace.store.Turns;
import io.millrace.store.Vitals;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a sample of each kind now and then, one instance a process: of all processes one in its
 * turn. The rates are those that this process saw since the sample interval began.
 */
public final class HealthBook extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(HealthBook.class);
  private static final long FORGET_EVERY_MS = 600_000;

  private final HealthSettings settings;
  private final HealthScore.Bounds bounds;
  private final HealthSamples samples;
  private final Turns turns;
  private final VitalSigns signs;
  private final Window<Map<String, Vitals.Queue>> seen;
  private Future<?> keeping = Future.succeededFuture();
  private long timer;

  /**
   * @param alerts whose thresholds say where troubles begin
   */
  public HealthBook(
      HealthSettings settings,
      AlertSettings alerts,
      HealthSamples samples,
      Turns turns,
      VitalSigns signs) {
    this.settings = settings;
    this.bounds = HealthScore.Bounds.of(alerts);
    this.samples = samples;
    this.turns = turns;
    this.signs = signs;
    this.seen = new Window<>(settings.sample());
  }

  @Override
  public Future<?> start() {
    signs.listen(now -> context.runOnContext(v -> look(now)));
    timer = vertx.setPeriodic(FORGET_EVERY_MS, id -> forget());
    return Future.succeededFuture();
  }

  private void forget() {
    samples
        .forget(settings.keepDays())
        .onFailure(e -> log.warn("no samples of health are forgotten: {}", e.getMessage()));
  }

  private void look(Signs now) {
    Map<String, Vitals.Queue> byKind = new HashMap<>();
    now.queues().forEach(q -> byKind.put(q.kind(), q));
    Map<String, Vitals.Queue> before = seen.add(now.nanos(), byKind);
    if (!keeping.isComplete()) {
      return;
    }
    keeping =
        turns
            .take("health", settings.sample().toMillis())
            .compose(
                mine -> mine ? samples.keep(made(now, before)) : Future.<Void>succeededFuture())
            .onFailure(e -> log.warn("no sample of health was kept: {}", e.getMessage()))
            .otherwiseEmpty();
  }

  private List<HealthSamples.Sample> made(Signs now, Map<String, Vitals.Queue> before) {
    List<HealthSamples.Sample> made = new ArrayList<>();
    for (Vitals.Queue q : now.queues()) {
      Vitals.Queue then = before.getOrDefault(q.kind(), q);
      long done = q.done() - then.done();
      long failed = q.failed() - then.failed();
      HealthScore score = HealthScore.of(figures(q, failed, failed + done), bounds);
      made.add(
          new HealthSamples.Sample(
              q.kind(),
              null,
              q.queue(),
              score.points(),
              json(score.lost()),
              q.ready(),
              q.oldestMs(),
              done,
              failed,
              q.ran() - then.ran(),
              q.runMs() - then.runMs(),
              q.waitMs() - then.waitMs()));
    }
    return made;
  }

  static HealthScore.Figures figures(Vitals.Queue q, long failed, long ended) {
    return new HealthScore.Figures(
        q.paused(), q.ready(), q.oldestMs(), q.deadLately(), failed, ended);
  }

  private static String json(List<HealthScore.Loss> lost) {
    JsonArray all = new JsonArray();
    lost.forEach(l -> all.add(new JsonObject().put("points", l.points()).put("why", l.why())));
    return all.encode();
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(timer);
    return keeping;
  }
}
