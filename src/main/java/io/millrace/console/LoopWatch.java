package io.millrace.console;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Measures by how much one event loop is late: a timer that comes late says how long whatever else
 * was due had to wait. One instance for each event loop.
 */
public final class LoopWatch extends VerticleBase {
  private static final long EVERY_MS = 250;

  private final Timer lag;
  private final Counter blocked;
  private final long blockedNanos;
  private long timer;
  private long due;

  /**
   * @param blockedAfter by how much it is late when it counts as blocked
   */
  public LoopWatch(MeterRegistry registry, Duration blockedAfter) {
    this.blockedNanos = blockedAfter.toNanos();
    this.lag =
        Timer.builder("millrace.loop.lag")
            .description("by how much event loops were late")
            .serviceLevelObjectives(
                Duration.ofMillis(10), Duration.ofMillis(100), Duration.ofSeconds(1))
            .register(registry);
    this.blocked =
        Counter.builder("millrace.loop.blocked")
            .description("how often an event loop was blocked")
            .register(registry);
  }

  @Override
  public Future<?> start() {
    arm();
    return Future.succeededFuture();
  }

  private void arm() {
    due = System.nanoTime() + EVERY_MS * 1_000_000;
    timer = vertx.setTimer(EVERY_MS, id -> look());
  }

  private void look() {
    long late = Math.max(0, System.nanoTime() - due);
    lag.record(late, TimeUnit.NANOSECONDS);
    if (late > blockedNanos) {
      blocked.increment();
    }
    arm();
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(timer);
    return Future.succeededFuture();
  }
}
