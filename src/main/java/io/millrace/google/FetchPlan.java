package io.millrace.google;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * How a set of messages is to be fetched: some with their whole threads, the others one by one.
 *
 * @param threads to be fetched whole
 * @param gets ids that come singly; none of them is in {@code threads} as well
 */
public record FetchPlan(List<ThreadGet> threads, List<String> gets) {
  /**
   * One thread that is fetched whole.
   *
   * @param thread the thread's id
   * @param ids the messages of it that are wanted, at least one; others may come with them
   */
  public record ThreadGet(String thread, List<String> ids) {}

  /** Each message by itself; of ids that are given twice the first counts. */
  public static FetchPlan singly(Collection<String> ids) {
    return new FetchPlan(List.of(), List.copyOf(new LinkedHashSet<>(ids)));
  }

  /** All ids that are wanted, each once. */
  public List<String> ids() {
    List<String> ids = new ArrayList<>();
    threads.forEach(thread -> ids.addAll(thread.ids()));
    ids.addAll(gets);
    return ids;
  }

  /** What it costs if every call succeeds, in units. */
  public long units(Prices prices) {
    return (long) threads.size() * prices.thread() + (long) gets.size() * prices.get();
  }
}
