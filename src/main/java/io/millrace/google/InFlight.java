package io.millrace.google;

import io.millrace.limit.Permits;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;

/**
 * How many requests each user has in flight, parts of batches counted singly. Holds nothing for
 * users that have none. Thread-safe.
 */
final class InFlight {
  private static final class Entry {
    final Permits permits;
    int leases;

    Entry(int limit) {
      permits = new Permits(limit);
    }
  }

  /** Room for a number of requests, until closed. */
  final class Lease {
    private final long user;
    private final Entry entry;
    private int size;

    private Lease(long user, Entry entry, int size) {
      this.user = user;
      this.entry = entry;
      this.size = size;
    }

    int size() {
      return size;
    }

    /** Gives back what is not needed. */
    void shrink(int to) {
      int spare = size - to;
      if (spare > 0) {
        size = to;
        entry.permits.release(spare);
      }
    }

    void close() {
      entry.permits.release(size);
      size = 0;
      leave(user, entry);
    }
  }

  private final int limit;
  private final Map<Long, Entry> entries = new HashMap<>();

  InFlight(int limit) {
    this.limit = limit;
  }

  /** Waits for room for at least one request, and takes it for up to {@code want}. */
  Future<Lease> lease(long user, int want) {
    Entry entry;
    synchronized (this) {
      entry = entries.computeIfAbsent(user, u -> new Entry(limit));
      entry.leases++;
    }
    return entry.permits.acquire(want).map(size -> new Lease(user, entry, size));
  }

  private synchronized void leave(long user, Entry entry) {
    if (--entry.leases == 0) {
      entries.remove(user);
    }
  }

  synchronized int users() {
    return entries.size();
  }
}
