package io.millrace.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What has changed in a mailbox since the simulator began. Guarded by its mailbox. */
final class History {
  /** Older ids than this many before the first one are answered 404. */
  private static final int REACH = 1_000;

  /** What happened to a message, with the names of Gmail's array and filter. */
  enum Kind {
    ADDED("messagesAdded", "messageAdded"),
    DELETED("messagesDeleted", "messageDeleted"),
    LABELED("labelsAdded", "labelAdded"),
    UNLABELED("labelsRemoved", "labelRemoved");

    final String array;
    final String type;

    Kind(String array, String type) {
      this.array = array;
      this.type = type;
    }
  }

  record Event(long historyId, Kind kind, int index, List<String> labels) {}

  private final long base;
  private final List<Event> events = new ArrayList<>();
  private final Map<Integer, Long> touched = new HashMap<>();
  private long current;
  private long oldest;

  History(long base) {
    this.base = base;
    this.current = base;
    this.oldest = base - REACH;
  }

  long current() {
    return current;
  }

  /** The last change of a message; those from the start count back from the base. */
  long of(int index, int messages) {
    Long changed = touched.get(index);
    return changed != null ? changed : base - Math.min(Math.max(index, 0), messages);
  }

  void add(Kind kind, int index, List<String> labels) {
    current += 1 + Hash.below(Hash.mix(current), 7);
    touched.put(index, current);
    events.add(new Event(current, kind, index, labels));
  }

  void expire() {
    current++;
    oldest = current;
  }

  List<Event> after(long start) {
    if (start < oldest || start > current) {
      throw new ApiException(GoogleError.NOT_FOUND);
    }
    int from = events.size();
    while (from > 0 && events.get(from - 1).historyId() > start) {
      from--;
    }
    return List.copyOf(events.subList(from, events.size()));
  }
}
