package io.millrace.engine;

import io.millrace.store.Operations;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops runs of this process whose jobs somebody has cancelled, in whichever process that was. The
 * database is asked once a poll while anything runs; a message on the bus only makes it ask now.
 * Owned by the claimer's context.
 */
final class CancelWatch {
  private static final Logger log = LoggerFactory.getLogger(CancelWatch.class);

  private final Vertx vertx;
  private final long pollMs;
  private final Operations operations;
  private final IntSupplier worker;
  private final Runs runs;
  private MessageConsumer<Long> hints;
  private long timer = -1;
  private boolean looking;
  private boolean again;
  private boolean stopped;

  /**
   * @param runs what runs now; read on the claimer's context
   */
  CancelWatch(
      Vertx vertx, EngineSettings settings, Operations operations, IntSupplier worker, Runs runs) {
    this.vertx = vertx;
    this.pollMs = Math.max(1, settings.poll().toMillis());
    this.operations = operations;
    this.worker = worker;
    this.runs = runs;
  }

  void start() {
    hints = vertx.eventBus().localConsumer(Engine.CANCEL);
    hints.handler(
        m -> {
          if (runs.has(m.body())) {
            look();
          }
        });
    arm();
  }

  private void arm() {
    if (!stopped) {
      timer = vertx.setTimer(pollMs, id -> look());
    }
  }

  private void look() {
    if (looking) {
      again = true;
      return;
    }
    vertx.cancelTimer(timer);
    if (runs.count() == 0) {
      arm();
      return;
    }
    looking = true;
    again = false;
    operations
        .wishes(worker.getAsInt())
        .onSuccess(wishes -> wishes.forEach(this::stopRun))
        .onFailure(e -> log.warn("cannot see what is cancelled: {}", e.getMessage()))
        .onComplete(
            v -> {
              looking = false;
              if (again && !stopped) {
                look();
              } else {
                arm();
              }
            });
  }

  private void stopRun(Operations.Wish wish) {
    JobRun<?> run = runs.of(wish.run());
    if (run != null) {
      run.stop(new Stop(Stop.Why.CANCELLED, wish.reason()));
    }
  }

  void stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    hints.unregister();
  }
}
