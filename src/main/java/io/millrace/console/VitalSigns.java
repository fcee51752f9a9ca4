package io.millrace.console;

import io.millrace.limit.QuotaSettings;
import io.millrace.store.Vitals;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the database now and then, for metrics, alerts and health alike, and forgets what it saw
 * when the database no longer answers: nobody shall take old figures for new ones.
 */
public final class VitalSigns extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(VitalSigns.class);
  private static final long LONGEST_MS = 10_000;

  private final Vitals vitals;
  private final QuotaSettings quota;
  private final Duration every;
  private final InstantSource clock;
  private final LocalDate since;
  private final List<Consumer<Signs>> listeners = new CopyOnWriteArrayList<>();
  private volatile Signs latest;
  private boolean stopped;
  private boolean away;
  private long timer;
  private Future<?> looking = Future.succeededFuture();

  /**
   * @param every between two looks
   */
  public VitalSigns(Vitals vitals, QuotaSettings quota, Duration every, InstantSource clock) {
    this.vitals = vitals;
    this.quota = quota;
    this.every = every;
    this.clock = clock;
    this.since = clock.instant().atZone(ZoneOffset.UTC).toLocalDate();
  }

  /** What was seen at the last look; null if there was none, or it failed. From any thread. */
  Signs latest() {
    return latest;
  }

  /** Tells of each look, on this verticle's event loop. */
  void listen(Consumer<Signs> listener) {
    listeners.add(listener);
  }

  @Override
  public Future<?> start() {
    look();
    return Future.succeededFuture();
  }

  private void look() {
    Future<Signs> seen = read().timeout(LONGEST_MS, TimeUnit.MILLISECONDS);
    looking = seen.otherwiseEmpty();
    seen.onComplete(
        done -> {
          latest = done.result();
          if (done.succeeded()) {
            away = false;
            listeners.forEach(l -> l.accept(done.result()));
          } else if (!away && !stopped) {
            away = true;
            log.warn("how the queues stand is not known: {}", done.cause().getMessage());
          }
          if (!stopped) {
            timer = vertx.setTimer(Math.max(1, every.toMillis()), id -> look());
          }
        });
  }

  private Future<Signs> read() {
    return vitals
        .queues(since)
        .compose(
            queues ->
                vitals
                    .lagMs()
                    .compose(
                        lag ->
                            vitals
                                .dayUnits(quota.dayOf(clock.instant()))
                                .map(units -> new Signs(System.nanoTime(), queues, lag, units))));
  }

  @Override
  public Future<?> stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    return looking;
  }
}
