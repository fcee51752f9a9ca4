package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import java.util.function.Function;

/** Where the statements of a piece of work go: to a pool, or into a transaction with more. */
public interface Scope {
  /** Does the work; what the future says is committed when it succeeds. */
  <T> Future<T> run(Function<Pool, Future<T>> work);

  /** The pool itself, each statement and transaction of the work on its own. */
  static Scope of(Pool pool) {
    return new Scope() {
      @Override
      public <T> Future<T> run(Function<Pool, Future<T>> work) {
        return work.apply(pool);
      }
    };
  }
}
