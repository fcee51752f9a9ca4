package io.millrace.limit;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A cap on bytes held in memory, charged as they arrive.
 *
 * <p>Bytes that are here cannot be refused, so {@link #charge} never fails; whoever reads asks
 * {@link #full} after each chunk and pauses its source until called back. The overshoot is at most
 * one chunk for each source. Thread-safe.
 */
public final class ByteBudget {
  private record Waiter(Runnable resume, Context context) {}

  private final long cap;
  private final Deque<Waiter> waiters = new ArrayDeque<>();
  private long room;
  private long held;
  private long peak;

  /**
   * @param cap bytes, at least 1
   */
  public ByteBudget(long cap) {
    this.cap = cap;
    this.room = cap;
  }

  /**
   * Makes the budget a part of what it was made for. What is held beyond it stays until it is
   * released; sources that wait are woken when there is room again.
   *
   * @param factor 0 to 1; one byte always remains, so that the oldest answer can still come whole
   */
  public void shrink(double factor) {
    synchronized (this) {
      room = Math.max(1, (long) (cap * factor));
    }
    wake();
  }

  /** Counts bytes that have arrived. */
  public synchronized void charge(long bytes) {
    held += bytes;
    peak = Math.max(peak, held);
  }

  /** Whether sources should pause. */
  public synchronized boolean full() {
    return held >= room;
  }

  /**
   * Calls back once, on the caller's context, when the budget is no longer full (at once if it is
   * not).
   */
  public void whenFree(Runnable resume) {
    Context context = Vertx.currentContext();
    synchronized (this) {
      if (held >= room) {
        waiters.add(new Waiter(resume, context));
        return;
      }
    }
    resume.run();
  }

  /** Gives back bytes charged before, and wakes the sources that wait if there is room again. */
  public void release(long bytes) {
    synchronized (this) {
      held -= bytes;
    }
    wake();
  }

  private void wake() {
    while (true) {
      Waiter next;
      synchronized (this) {
        if (held >= room || waiters.isEmpty()) {
          return;
        }
        next = waiters.poll();
      }
      if (next.context() == null) {
        next.resume().run();
      } else {
        next.context().runOnContext(v -> next.resume().run());
      }
    }
  }

  /** Bytes held now. */
  public synchronized long held() {
    return held;
  }

  /** The most bytes ever held at once. */
  public synchronized long peak() {
    return peak;
  }
}
