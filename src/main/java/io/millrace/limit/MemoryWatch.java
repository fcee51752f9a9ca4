package io.millrace.limit;

import io.millrace.limit.MemoryGovernor.Level;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the process's memory now and then, and tells those who can take on less: one instance a
 * process. The factor may be read from any thread.
 */
public final class MemoryWatch extends VerticleBase implements DoubleSupplier {
  private static final Logger log = LoggerFactory.getLogger(MemoryWatch.class);

  private final MemorySettings settings;
  private final Supplier<MemoryReading> reading;
  private final DoubleConsumer shrink;
  private final Consumer<LimitChanged> changes;
  private final MemoryGovernor governor;
  private volatile double factor = 1;
  private volatile double share = Double.NaN;
  private boolean unreadable;
  private boolean stopped;
  private long timer;

  /**
   * @param reading {@link MemoryReading#now}; called on a worker thread
   * @param shrink told each new factor, on this verticle's event loop
   * @param changes told each change of level
   */
  public MemoryWatch(
      MemorySettings settings,
      Supplier<MemoryReading> reading,
      DoubleConsumer shrink,
      Consumer<LimitChanged> changes) {
    this.settings = settings;
    this.reading = reading;
    this.shrink = shrink;
    this.changes = changes;
    this.governor = new MemoryGovernor(settings);
  }

  /** By what free slots are to be multiplied, 0 to 1; never to less than one of them. */
  @Override
  public double getAsDouble() {
    return factor;
  }

  /** The share of memory that is in use, 0 to about 1; not a number before the first look. */
  public double share() {
    return share;
  }

  @Override
  public Future<?> start() {
    arm();
    return Future.succeededFuture();
  }

  private void arm() {
    timer = vertx.setTimer(Math.max(1, settings.every().toMillis()), id -> look());
  }

  private void look() {
    vertx
        .executeBlocking(reading::get, false)
        .onComplete(
            read -> {
              if (read.succeeded()) {
                unreadable = false;
                take(read.result());
              } else if (!unreadable) {
                unreadable = true;
                log.warn("memory cannot be read: {}", read.cause().getMessage());
              }
              if (!stopped) {
                arm();
              }
            });
  }

  private void take(MemoryReading read) {
    share = read.share();
    Level before = governor.level();
    Level level = governor.sample(read.share());
    if (level == before) {
      return;
    }
    factor = level.factor();
    shrink.accept(factor);
    String why =
        String.format(
            Locale.ROOT,
            "%.0f %% of memory is in use (%d MiB of a heap of %d MiB%s)",
            100 * read.share(),
            read.live() >> 20,
            read.heap() >> 20,
            read.resident() < 0 ? "" : ", " + (read.resident() >> 20) + " MiB resident");
    String line = "memory: {} (was {}), {} % of the usual load, at least one job of a kind; {}";
    int percent = (int) (100 * factor);
    if (level.compareTo(Level.WARN) < 0) {
      log.info(line, level.word(), before.word(), percent, why);
    } else {
      log.warn(line, level.word(), before.word(), percent, why);
    }
    changes.accept(new LimitChanged("memory", (int) (100 * before.factor()), percent, why));
  }

  @Override
  public Future<?> stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    return Future.succeededFuture();
  }
}
