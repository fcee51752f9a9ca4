package io.millrace.google;

import io.millrace.limit.ByteBudget;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The answers that are being read, oldest first.
 *
 * <p>While the byte budget is full, all of them pause. One exception keeps things going: when all
 * that is held are answers of which none is whole, nobody could ever give bytes back, so the oldest
 * may go on to its end. As long as whole messages are held, their receivers are waited for. Only
 * answers whose first byte is here count. Thread-safe.
 */
final class Arrivals {
  private final ByteBudget budget;
  private final Set<Exchange> reading = new LinkedHashSet<>();
  private long partial;

  Arrivals(ByteBudget budget) {
    this.budget = budget;
  }

  ByteBudget budget() {
    return budget;
  }

  synchronized void add(Exchange exchange) {
    reading.add(exchange);
  }

  /** Counts bytes of an answer that is not whole yet. */
  void arrived(int bytes) {
    budget.charge(bytes);
    synchronized (this) {
      partial += bytes;
    }
  }

  /** Whether this one has to pause now. */
  boolean mustPause(Exchange exchange) {
    if (!budget.full()) {
      return false;
    }
    synchronized (this) {
      return oldest() != exchange || budget.held() > partial;
    }
  }

  /**
   * It is whole or broken off.
   *
   * @param bytes that had arrived of it
   */
  void remove(Exchange exchange, int bytes) {
    synchronized (this) {
      reading.remove(exchange);
      partial -= bytes;
    }
    nudge();
  }

  /** Gives bytes back to the budget, and lets the oldest go on if nothing else can. */
  void release(long bytes) {
    budget.release(bytes);
    nudge();
  }

  /** Something was given back or is no longer read: the oldest may perhaps go on. */
  private void nudge() {
    Exchange next;
    synchronized (this) {
      next = oldest();
    }
    if (next != null) {
      next.wake();
    }
  }

  private Exchange oldest() {
    Iterator<Exchange> all = reading.iterator();
    return all.hasNext() ? all.next() : null;
  }
}
