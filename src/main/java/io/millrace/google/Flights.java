package io.millrace.google;

import io.millrace.google.FetchQueue.Item;
import java.util.List;

/** The requests of one stream that are under way, and how much they will bring. One context's. */
final class Flights {
  private int requests;
  private int threads;
  private int ids;

  void began(List<Item> items) {
    requests++;
    threads += items.get(0).thread ? 1 : 0;
    ids += ids(items).size();
  }

  void ended(List<Item> items) {
    requests--;
    threads -= items.get(0).thread ? 1 : 0;
    ids -= ids(items).size();
  }

  boolean none() {
    return requests == 0;
  }

  /** Requests for threads. */
  int threads() {
    return threads;
  }

  /** Requests for messages, one or many each. */
  int gets() {
    return requests - threads;
  }

  /** Messages that are asked for. */
  int ids() {
    return ids;
  }

  static List<String> ids(List<Item> items) {
    return items.stream().flatMap(item -> item.ids.stream()).toList();
  }
}
