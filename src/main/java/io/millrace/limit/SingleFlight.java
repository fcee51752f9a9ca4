package io.millrace.limit;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Lets all who ask for the same thing at the same time wait for one answer, success or failure.
 * Thread-safe; futures complete on the context of the one who asked.
 *
 * @param <K> what is asked for, compared by {@code equals}
 * @param <V> the answer
 */
public final class SingleFlight<K, V> {
  private final Map<K, Future<V>> flights = new ConcurrentHashMap<>();

  /** The answer that is on its way, or else the one that {@code start} begins to get. */
  public Future<V> join(K key, Supplier<Future<V>> start) {
    return join(key, start, answer -> {});
  }

  /**
   * The same.
   *
   * @param keep is given a new answer, before anybody else, unless it was {@linkplain #forget
   *     forgotten} meanwhile; must neither block nor call this object
   */
  public Future<V> join(K key, Supplier<Future<V>> start, Consumer<V> keep) {
    Promise<V> promise = Promise.promise();
    Future<V> mine = promise.future();
    Future<V> under = flights.putIfAbsent(key, mine);
    if (under != null) {
      return here(under);
    }
    Future<V> started;
    try {
      started = start.get();
    } catch (RuntimeException e) {
      started = Future.failedFuture(e);
    }
    started.onComplete(
        done -> {
          flights.computeIfPresent(
              key,
              (k, current) -> {
                if (current != mine) {
                  return current;
                }
                if (done.succeeded()) {
                  keep.accept(done.result());
                }
                return null;
              });
          promise.handle(done);
        });
    return here(mine);
  }

  /** Those who ask from now on do not get the answer that is under way; nor is it kept. */
  public void forget(K key) {
    flights.remove(key);
  }

  private static <V> Future<V> here(Future<V> shared) {
    Context context = Vertx.currentContext();
    if (context == null || shared.isComplete()) {
      return shared;
    }
    Promise<V> own = Promise.promise();
    shared.onComplete(
        done -> {
          if (Vertx.currentContext() == context) {
            own.handle(done);
          } else {
            context.runOnContext(v -> own.handle(done));
          }
        });
    return own.future();
  }
}
