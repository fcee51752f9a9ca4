package io.millrace.pipeline;

import io.millrace.limit.GradientLimit;
import io.millrace.limit.LimitChanged;
import io.millrace.limit.Permits;
import io.millrace.store.DatabaseException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets as many transactions that store mail be under way in this process as the database takes
 * without a queue of its own: its latency says how many, see {@link GradientLimit}. What is over
 * waits in order, and meanwhile its stream is full, so nothing is fetched for it.
 *
 * <p>A large batch takes longer than a small one without any queue: what is looked at is the time
 * for its {@linkplain #write weight}. Thread-safe; futures complete on the caller's context.
 */
public final class WriteGate {
  private static final Logger log = LoggerFactory.getLogger(WriteGate.class);
  private static final String WHAT = "writes:mail";

  /** What a transaction costs before its first message, in messages: about, and that is enough. */
  private static final long FIXED = 80;

  private static final double BYTES_OF_A_MESSAGE = 4_096;

  private final Vertx vertx;
  private final Duration patience;
  private final Consumer<LimitChanged> changes;
  private final LongSupplier nanoClock;
  private final GradientLimit gradient;
  private final Permits permits;
  private int limit;

  /**
   * One that begins with all that there may be.
   *
   * @param most transactions at once, at least 1; the limit never falls below 1
   * @param patience how long one that is over the limit waits at the most
   * @param changes told each change of the limit, from any thread
   * @param nanoClock {@link System#nanoTime}
   */
  public WriteGate(
      Vertx vertx,
      int most,
      Duration patience,
      Consumer<LimitChanged> changes,
      LongSupplier nanoClock) {
    this.vertx = vertx;
    this.patience = patience;
    this.changes = changes;
    this.nanoClock = nanoClock;
    this.limit = Math.max(1, most);
    this.gradient = new GradientLimit(limit, 1, limit);
    this.permits = new Permits(limit);
  }

  /**
   * Begins a transaction as soon as there may be one more.
   *
   * @param messages that it stores
   * @param bytes of their payloads
   * @return what it answers; fails with {@link DatabaseException} if its turn does not come in time
   */
  <T> Future<T> write(int messages, long bytes, Supplier<Future<T>> transaction) {
    Future<Integer> turn = permits.acquire(1);
    return (turn.isComplete() ? turn : inTime(turn))
        .compose(
            one -> {
              long began = nanoClock.getAsLong();
              int busy = permits.inUse();
              return Future.<Void>succeededFuture()
                  .compose(v -> transaction.get())
                  .onComplete(
                      done -> {
                        permits.release(1);
                        double weight = FIXED + messages + bytes / BYTES_OF_A_MESSAGE;
                        long nanos = (long) ((nanoClock.getAsLong() - began) / weight * FIXED);
                        if (done.succeeded() || done.cause() instanceof DatabaseException) {
                          ended(done.failed(), Math.max(1, nanos), busy);
                        }
                      });
            });
  }

  /** How many may be under way now. */
  synchronized int limit() {
    return limit;
  }

  private Future<Integer> inTime(Future<Integer> turn) {
    Promise<Integer> first = Promise.promise();
    long timer =
        vertx.setTimer(
            Math.max(1, patience.toMillis()),
            id ->
                first.tryFail(
                    new DatabaseException(
                        "The database is too slow: for %d ms there was no turn to store mail."
                            .formatted(patience.toMillis()))));
    turn.onSuccess(
        one -> {
          vertx.cancelTimer(timer);
          if (!first.tryComplete(one)) {
            permits.release(one);
          }
        });
    return first.future();
  }

  private synchronized void ended(boolean failed, long nanos, int busy) {
    int before = limit;
    limit = gradient.sample(failed, nanos, busy);
    if (limit != before) {
      permits.limit(limit);
      String why = failed ? "the database fails" : "as the database's latency has it";
      log.debug("{} transactions store mail at once, were {}: {}", limit, before, why);
      changes.accept(new LimitChanged(WHAT, before, limit, why));
    }
  }
}
