package io.millrace.google;

import io.millrace.google.FetchPlan.ThreadGet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the cheapest way to fetch a page of messages. A thread costs the same however many messages
 * it has, so it pays from {@code thread / get} wanted ones on; threads do not share messages, so
 * the cheapest choice for each of them is the cheapest for all.
 *
 * <p>On a tie of several messages the thread is taken: it is one request instead of several, and
 * messages of it that are listed later are here then. A thread of which something is stored already
 * is not: it would bring that a second time. Pure; any thread.
 */
public final class FetchPlanner {
  /** Fetches each message by itself: gets go many in a request, threads do not. */
  static final FetchPlanner GETS_ALONE =
      new FetchPlanner(new Prices(0, 0, 0, 1, Integer.MAX_VALUE, 0));

  private final Prices prices;

  /** Plans by the prices of the profile in force. */
  public FetchPlanner(Prices prices) {
    this.prices = prices;
  }

  /**
   * Plans a page.
   *
   * @param wanted messages that are not stored; one that is given twice is fetched once
   * @param begun ids of threads of which a message is stored already
   */
  public FetchPlan plan(Collection<MessageRef> wanted, Set<String> begun) {
    Map<String, Set<String>> byThread = new LinkedHashMap<>();
    Set<String> seen = new LinkedHashSet<>();
    for (MessageRef ref : wanted) {
      if (seen.add(ref.id())) {
        byThread.computeIfAbsent(ref.threadId(), t -> new LinkedHashSet<>()).add(ref.id());
      }
    }
    List<ThreadGet> threads = new ArrayList<>();
    byThread.forEach(
        (thread, ids) -> {
          if (!begun.contains(thread) && pays(ids.size())) {
            threads.add(new ThreadGet(thread, List.copyOf(ids)));
            seen.removeAll(ids);
          }
        });
    return new FetchPlan(List.copyOf(threads), List.copyOf(seen));
  }

  private boolean pays(int messages) {
    long singly = (long) messages * prices.get();
    return singly > prices.thread() || (singly == prices.thread() && messages > 1);
  }
}
