package io.millrace.google;

import io.millrace.limit.ByteBudget;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The answers that are being read, oldest first.
 *
 * <p>While the byte budget is full, all of them pause but the oldest. Without this exception the
 * budget could be filled by answers of which none is whole, and nothing would ever give bytes back.
 * Only answers whose first byte is here count, so that what is waited for never blocks what has
 * come. Thread-safe.
 */
final class Arrivals {
  private final ByteBudget budget;
  private final Set<Exchange> reading = new LinkedHashSet<>();

  Arrivals(ByteBudget budget) {
    this.budget = budget;
  }

  ByteBudget budget() {
    return budget;
  }

  synchronized void add(Exchange exchange) {
    reading.add(exchange);
  }

  /** Whether this one has to pause now. */
  boolean mustPause(Exchange exchange) {
    return budget.full() && oldest() != exchange;
  }

  /** It is read or broken off: the next oldest may go on. */
  void remove(Exchange exchange) {
    Exchange next;
    synchronized (this) {
      reading.remove(exchange);
      next = oldest();
    }
    if (next != null) {
      next.wake();
    }
  }

  private synchronized Exchange oldest() {
    Iterator<Exchange> all = reading.iterator();
    return all.hasNext() ? all.next() : null;
  }
}
