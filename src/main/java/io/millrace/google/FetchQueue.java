package io.millrace.google;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The ids that a {@link MessageStream} still has to fetch: some now, some later. Holds no clock:
 * instants are given, in nanoseconds of {@link System#nanoTime}. Used on one context only.
 */
final class FetchQueue {
  /** A message, or a thread to be fetched whole, and what has happened to it so far. */
  static final class Item {
    final String id;

    /** The messages that are wanted: the thread's, or just this one. */
    final List<String> ids;

    final boolean thread;
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

    private Item(String id, List<String> ids, boolean thread, MessageFormat format, int width) {
      this.id = id;
      this.ids = ids;
      this.thread = thread;
      this.format = format;
      this.width = width;
    }
  }

  private final Deque<Item> ready = new ArrayDeque<>();
  private final PriorityQueue<Item> later =
      new PriorityQueue<>(11, Comparator.comparingLong((Item item) -> item.due));

  private final int width;

  /**
   * @param width the most messages in one request
   */
  FetchQueue(FetchPlan plan, MessageFormat format, int width) {
    this.width = width;
    // Threads first: they may bring what would else be fetched singly.
    plan.threads().forEach(t -> ready.add(new Item(t.thread(), t.ids(), true, format, 1)));
    plan.gets().forEach(id -> ready.add(single(id, format)));
  }

  private Item single(String id, MessageFormat format) {
    return new Item(id, List.of(id), false, format, width);
  }

  boolean isEmpty() {
    return ready.isEmpty() && later.isEmpty();
  }

  /** Whether what comes next is a thread. */
  boolean threadNext() {
    return !ready.isEmpty() && ready.peek().thread;
  }

  /**
   * What may go into one request now: a thread, or messages of one format, no more than any of them
   * allows.
   */
  List<Item> next(int most, long now) {
    while (!later.isEmpty() && later.peek().due - now <= 0) {
      ready.add(later.poll());
    }
    List<Item> batch = new ArrayList<>(Math.min(most, ready.size()));
    int bound = most;
    while (!ready.isEmpty() && batch.size() < bound) {
      Item item = ready.peek();
      if (!batch.isEmpty()
          && (item.thread || item.width <= batch.size() || item.format != batch.get(0).format)) {
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

  /** Messages of a thread that are to be fetched singly, before all others. */
  void putSingly(List<String> ids, MessageFormat format) {
    putBack(ids.stream().map(id -> single(id, format)).toList());
  }

  /** A message has come with a thread. Gives whether it was still to be fetched by itself. */
  boolean settle(String id) {
    return ready.removeIf(i -> !i.thread && i.id.equals(id))
        || later.removeIf(i -> !i.thread && i.id.equals(id));
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
    return ready.stream().anyMatch(i -> i.ids.contains(id))
        || later.stream().anyMatch(i -> i.ids.contains(id));
  }
}
