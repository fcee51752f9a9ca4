package io.millrace.sim;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Groups messages that name each other, by union and find over the hashes of the names. One thread,
 * while a file is read.
 */
final class MessageThreads {
  private final Map<Long, Integer> named = new HashMap<>();
  private int[] parents = new int[1024];
  private int count;

  /** Takes the next message in; it belongs with all others that have a name in common with it. */
  void add(Iterable<String> names) {
    if (count == parents.length) {
      parents = Arrays.copyOf(parents, count * 2);
    }
    int message = count++;
    parents[message] = message;
    for (String name : names) {
      Integer other = named.putIfAbsent(Hash.of(name), message);
      if (other != null) {
        parents[root(message)] = root(other);
      }
    }
  }

  /** A number that all messages of the same thread share. */
  int root(int message) {
    int at = message;
    while (parents[at] != at) {
      parents[at] = parents[parents[at]];
      at = parents[at];
    }
    return at;
  }

  int count() {
    return count;
  }
}
