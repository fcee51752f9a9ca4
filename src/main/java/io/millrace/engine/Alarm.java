package io.millrace.engine;

import io.vertx.core.Vertx;

/** One timer at most, which can be brought forward. Owned by one context. */
final class Alarm {
  private final Vertx vertx;
  private final Runnable rings;
  private long timer = -1;
  private long at;

  Alarm(Vertx vertx, Runnable rings) {
    this.vertx = vertx;
    this.rings = rings;
  }

  /** Rings in so many milliseconds, at least 1, unless it does so earlier anyway. */
  void within(long ms) {
    long then = System.nanoTime() + ms * 1_000_000;
    if (timer != -1 && at - then <= 0) {
      return;
    }
    cancel();
    at = then;
    timer =
        vertx.setTimer(
            ms,
            id -> {
              timer = -1;
              rings.run();
            });
  }

  /** Does not ring. */
  void cancel() {
    if (timer != -1) {
      vertx.cancelTimer(timer);
      timer = -1;
    }
  }
}
