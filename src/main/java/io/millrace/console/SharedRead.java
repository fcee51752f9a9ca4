package io.millrace.console;

import io.vertx.core.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * One question to the database at a time, however many ask: whoever comes while it is under way
 * shares the answer. Belongs to one event loop.
 *
 * @param <T> the answer
 */
final class SharedRead<T> {
  /** A question nobody answers is asked anew after so many times the limit. */
  private static final int ABANDON_AFTER = 15;

  private final Supplier<Future<T>> question;
  private final long limitMs;
  private final long keepMs;
  private final LongSupplier nanos;
  private Future<T> underWay;
  private long askedAt;

  /**
   * @param limitMs how long each of those who ask waits
   */
  SharedRead(Supplier<Future<T>> question, long limitMs, LongSupplier nanos) {
    this(question, limitMs, 0, nanos);
  }

  /**
   * @param limitMs how long each of those who ask waits
   * @param keepMs for how long after it was asked the answer is given to others as well
   */
  SharedRead(Supplier<Future<T>> question, long limitMs, long keepMs, LongSupplier nanos) {
    this.question = question;
    this.limitMs = limitMs;
    this.keepMs = keepMs;
    this.nanos = nanos;
  }

  /** Fails if there is no answer in time; the question itself cannot be taken back. */
  Future<T> get() {
    long now = nanos.getAsLong();
    if (underWay != null
        && underWay.succeeded()
        && now - askedAt < TimeUnit.MILLISECONDS.toNanos(keepMs)) {
      return underWay;
    }
    boolean abandoned = now - askedAt > TimeUnit.MILLISECONDS.toNanos(limitMs * ABANDON_AFTER);
    if (underWay == null || underWay.isComplete() || abandoned) {
      askedAt = now;
      underWay = ask();
    }
    return underWay.timeout(limitMs, TimeUnit.MILLISECONDS);
  }

  private Future<T> ask() {
    try {
      return question.get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }
}
