package io.millrace.limit;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A bounded number of things under way, given out first come, first served.
 *
 * <p>Thread-safe; a future completes on the context of the one who asked.
 */
public final class Permits {
  private record Waiter(int want, Promise<Integer> promise, Context context) {}

  private final Deque<Waiter> waiters = new ArrayDeque<>();
  private int limit;
  private int inUse;

  /**
   * @param limit how many may be under way at once, at least 1
   */
  public Permits(int limit) {
    this.limit = Math.max(1, limit);
  }

  /**
   * Takes up to {@code want} permits, at least one, waiting for one if none is free.
   *
   * @return how many were taken; as many must be given back with {@link #release}
   */
  public Future<Integer> acquire(int want) {
    Context context = Vertx.currentContext();
    synchronized (this) {
      if (waiters.isEmpty() && inUse < limit) {
        return Future.succeededFuture(grab(want));
      }
      Promise<Integer> promise = Promise.promise();
      waiters.add(new Waiter(want, promise, context));
      return promise.future();
    }
  }

  /** Takes one permit as soon as one is free, before all who wait already. */
  public Future<Integer> acquireFirst() {
    Context context = Vertx.currentContext();
    synchronized (this) {
      if (inUse < limit) {
        return Future.succeededFuture(grab(1));
      }
      Promise<Integer> promise = Promise.promise();
      waiters.addFirst(new Waiter(1, promise, context));
      return promise.future();
    }
  }

  /** Takes one permit at once, beyond the limit if need be: the next to come wait for it. */
  public synchronized void overdraw() {
    inUse++;
  }

  /** Gives back {@code count} permits taken before. */
  public void release(int count) {
    synchronized (this) {
      inUse -= count;
    }
    serve();
  }

  /** Changes the limit; what is under way beyond a lower one is left to finish. */
  public void limit(int newLimit) {
    synchronized (this) {
      limit = Math.max(1, newLimit);
    }
    serve();
  }

  /** How many are under way. */
  public synchronized int inUse() {
    return inUse;
  }

  private int grab(int want) {
    int taken = Math.max(1, Math.min(want, limit - inUse));
    inUse += taken;
    return taken;
  }

  private void serve() {
    while (true) {
      Waiter next;
      int taken;
      synchronized (this) {
        if (waiters.isEmpty() || inUse >= limit) {
          return;
        }
        next = waiters.poll();
        taken = grab(next.want());
      }
      if (next.context() == null) {
        next.promise().complete(taken);
      } else {
        next.context().runOnContext(v -> next.promise().complete(taken));
      }
    }
  }
}
