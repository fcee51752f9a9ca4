package io.millrace.pipeline;

import io.millrace.google.GoogleException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a call again while it fails in a way that may pass: waits {@code min(2^n, 64)} seconds with
 * full jitter, the first time at least one, as Google advises; all divided by the time scale. One
 * call at a time, on one context.
 */
final class Patience {
  private static final Logger log = LoggerFactory.getLogger(Patience.class);
  private static final int WORTH_TELLING = 3;
  private static final long CAP_MS = 64_000;

  private final Vertx vertx;
  private final int attempts;
  private final double timeScale;
  private boolean interrupted;
  private Promise<?> waiting;
  private long timer;

  Patience(Vertx vertx, int attempts, double timeScale) {
    this.vertx = vertx;
    this.attempts = attempts;
    this.timeScale = timeScale;
  }

  <T> Future<T> with(Supplier<Future<T>> call) {
    Promise<T> promise = Promise.promise();
    attempt(call, 1, promise);
    return promise.future();
  }

  /** Waits no more: what waits fails now, and what fails from now on fails at once. */
  void interrupt() {
    interrupted = true;
    if (waiting != null) {
      vertx.cancelTimer(timer);
      waiting.fail(new IllegalStateException("interrupted between two attempts"));
      waiting = null;
    }
  }

  private <T> void attempt(Supplier<Future<T>> call, int attempt, Promise<T> promise) {
    call.get()
        .onComplete(
            done -> {
              if (done.succeeded()) {
                promise.complete(done.result());
              } else if (!interrupted && attempt < attempts && passing(done.cause())) {
                if (attempt == WORTH_TELLING) {
                  log.warn("still tried after {} attempts: {}", attempt, done.cause().getMessage());
                }
                waiting = promise;
                timer =
                    vertx.setTimer(
                        delayMs(attempt),
                        id -> {
                          waiting = null;
                          attempt(call, attempt + 1, promise);
                        });
              } else {
                promise.fail(done.cause());
              }
            });
  }

  private static boolean passing(Throwable failure) {
    return failure instanceof GoogleException g && !g.failure().permanent();
  }

  private long delayMs(int attempt) {
    long most = Math.min(CAP_MS, 1_000L << Math.min(attempt, 6));
    long least = attempt == 1 ? 1_000 : 250;
    return Math.max(1, (long) (ThreadLocalRandom.current().nextLong(least, most + 1) / timeScale));
  }
}
