package io.millrace.google;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * The ids that a {@link MessageStream} still has to fetch: some now, some later. Holds no clock:
 * instants are given, in nanoseconds of {@link System#nanoTime}. Used on one context only.
 */
final class FetchQueue {
  /** An id and what has happened to it so far. */
  static final class Item {
    final String id;
    MessageFormat format;

    /** The most parts of a request that this id may be one of. */
    int width;

    /** Failures that count against this id. */
    int failures;

    /** When the first of them was seen. */
    long firstFailure;

    /** Whether it was not found once. */
    boolean missed;

    /** Whether it is fetched in a smaller format than was asked for. */
    boolean reduced;

    private long due;

    Item(String id, MessageFormat format, int width) {
      this.id = id;
      this.format = format;
      this.width = width;
    }
  }

  private final Deque<Item> ready = new ArrayDeque<>();
  private final PriorityQueue<Item> later =
      new PriorityQueue<>(11, Comparator.comparingLong((Item item) -> item.due));

  FetchQueue(Collection<String> ids, MessageFormat format, int width) {
    Set<String> distinct = new LinkedHashSet<>(ids);
    distinct.forEach(id -> ready.add(new Item(id, format, width)));
  }

  boolean isEmpty() {
    return ready.isEmpty() && later.isEmpty();
  }

  /** What may go into one request now: of one format, no more than any of them allows. */
  List<Item> next(int most, long now) {
    while (!later.isEmpty() && later.peek().due - now <= 0) {
      ready.add(later.poll());
    }
    List<Item> batch = new ArrayList<>(Math.min(most, ready.size()));
    int bound = most;
    while (!ready.isEmpty() && batch.size() < bound) {
      Item item = ready.peek();
      if (!batch.isEmpty() && (item.width <= batch.size() || item.format != batch.get(0).format)) {
        break;
      }
      bound = Math.min(bound, item.width);
      batch.add(ready.poll());
    }
    return batch;
  }

  /** To be fetched before all others. */
  void putBack(List<Item> items) {
    for (int i = items.size() - 1; i >= 0; i--) {
      ready.addFirst(items.get(i));
    }
  }

  void later(Item item, long due) {
    item.due = due;
    later.add(item);
  }

  /** Nanoseconds until something is due; {@link Long#MAX_VALUE} if nothing will be. */
  long idle(long now) {
    if (!ready.isEmpty()) {
      return 0;
    }
    return later.isEmpty() ? Long.MAX_VALUE : Math.max(0, later.peek().due - now);
  }

  /** Whether the id is still to be fetched. */
  boolean holds(String id) {
    return ready.stream().anyMatch(i -> i.id.equals(id))
        || later.stream().anyMatch(i -> i.id.equals(id));
  }
}
