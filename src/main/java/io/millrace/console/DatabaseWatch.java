package io.millrace.console;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Asks, while anybody wants to know, whether the database answers, and tells when that changes: the
 * same question by which readiness is told. Belongs to one event loop.
 */
final class DatabaseWatch {
  private static final long NONE = -1;

  private final Vertx vertx;
  private final Supplier<Future<Void>> question;
  private final long everyMs;
  private final BooleanSupplier wanted;
  private final Consumer<Change> told;
  private final InstantSource clock;
  private Change latest;
  private boolean asking;
  private boolean closed;
  private long timer = NONE;

  /** Since when the database is away, or is there again. */
  record Change(boolean away, Instant since) {}

  /**
   * @param question succeeds, or fails within a bound
   * @param everyMs between two questions
   * @param wanted whether anybody wants to know
   */
  DatabaseWatch(
      Vertx vertx,
      Supplier<Future<Void>> question,
      long everyMs,
      BooleanSupplier wanted,
      Consumer<Change> told,
      InstantSource clock) {
    this.vertx = vertx;
    this.question = question;
    this.everyMs = everyMs;
    this.wanted = wanted;
    this.told = told;
    this.clock = clock;
  }

  /** That the database is away; null if it is not. */
  Change away() {
    return latest != null && latest.away() ? latest : null;
  }

  /** Somebody wants to know from now on. */
  void look() {
    if (closed || asking || timer != NONE || !wanted.getAsBoolean()) {
      return;
    }
    asking = true;
    question
        .get()
        .onComplete(
            answer -> {
              asking = false;
              heard(answer.failed());
              if (!closed) {
                timer = vertx.setTimer(everyMs, id -> again());
              }
            });
  }

  private void again() {
    timer = NONE;
    look();
  }

  private void heard(boolean away) {
    boolean before = latest != null && latest.away();
    if (away != before && !closed) {
      latest = new Change(away, clock.instant());
      told.accept(latest);
    }
  }

  void close() {
    closed = true;
    vertx.cancelTimer(timer);
  }
}
