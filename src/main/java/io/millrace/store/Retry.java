package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import java.util.ConcurrentModificationException;
import java.util.function.Supplier;

/**
 * Tries a whole transaction again that met another at a bad moment: what it met half is rolled
 * back, and the next time it meets what the other left.
 */
final class Retry {
  private static final int TRIES = 5;

  private Retry() {}

  /** At once, a few times. */
  static <T> Future<T> again(Supplier<Future<T>> transaction) {
    return attempt(TRIES, transaction);
  }

  /**
   * @param own whether it is a whole transaction; a part of the caller's is tried once
   */
  static <T> Future<T> again(boolean own, Supplier<Future<T>> transaction) {
    return attempt(own ? TRIES : 1, transaction);
  }

  private static <T> Future<T> attempt(int tries, Supplier<Future<T>> transaction) {
    return transaction
        .get()
        .recover(
            e ->
                tries > 1 && mayPass(e) ? attempt(tries - 1, transaction) : Future.failedFuture(e));
  }

  /** Serialization failures and deadlocks. */
  private static boolean mayPass(Throwable e) {
    return e instanceof ConcurrentModificationException
        || (e instanceof PgException pg
            && ("40001".equals(pg.getSqlState()) || "40P01".equals(pg.getSqlState())));
  }
}
