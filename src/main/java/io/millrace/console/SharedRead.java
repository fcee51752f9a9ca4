package io.millrace.console;

import io.vertx.core.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * One question to the database at a time, however many ask: whoever comes while it is under way
 * shares the answer, and where that is wanted so does who comes a moment later. Belongs to one
 * event loop.
 *
 * @param <T> the answer
 */
final class SharedRead<T> {
  /** A question nobody answers is asked anew after so many times the limit. */
  private static final int ABANDON_AFTER = 15;

  /** An answer is good for so many times as long as it took: asking is not what keeps us busy. */
  private static final int REST = 10;

  private final Supplier<Future<T>> question;
  private final long limitMs;
  private final long freshMs;
  private final LongSupplier nanos;
  private Future<T> underWay;
  private long askedAt;
  private long freshUntil;
  private boolean known;

  /**
   * @param limitMs how long each of those who ask waits
   */
  SharedRead(Supplier<Future<T>> question, long limitMs, LongSupplier nanos) {
    this(question, limitMs, 0, nanos);
  }

  /**
   * Also shares the last answer with those who come later.
   *
   * @param freshMs for how long at least; 0 if only with those who come while it is under way
   */
  SharedRead(Supplier<Future<T>> question, long limitMs, long freshMs, LongSupplier nanos) {
    this.question = question;
    this.limitMs = limitMs;
    this.freshMs = freshMs;
    this.nanos = nanos;
  }

  /** Fails if there is no answer in time; the question itself cannot be taken back. */
  Future<T> get() {
    long now = nanos.getAsLong();
    if (known && underWay.succeeded() && now - freshUntil < 0) {
      return underWay;
    }
    boolean abandoned = now - askedAt > TimeUnit.MILLISECONDS.toNanos(limitMs * ABANDON_AFTER);
    if (underWay == null || underWay.isComplete() || abandoned) {
      askedAt = now;
      known = false;
      underWay = ask();
      keep(underWay, now);
    }
    return underWay.timeout(limitMs, TimeUnit.MILLISECONDS);
  }

  /** What was answered, or is about to be, may be wrong by now: who comes next asks anew. */
  void forget() {
    known = false;
    underWay = null;
  }

  private void keep(Future<T> asked, long since) {
    if (freshMs == 0) {
      return;
    }
    asked.onSuccess(
        answer -> {
          if (asked == underWay) {
            long now = nanos.getAsLong();
            freshUntil =
                now + Math.max(TimeUnit.MILLISECONDS.toNanos(freshMs), REST * (now - since));
            known = true;
          }
        });
  }

  private Future<T> ask() {
    try {
      return question.get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }
}
