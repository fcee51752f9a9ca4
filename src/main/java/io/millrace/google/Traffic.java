package io.millrace.google;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what went to Google and came back, in all and by user. Users beyond a bound are counted in
 * the total only. Thread-safe; the numbers only grow.
 */
public final class Traffic {
  private static final int MOST_USERS = 50_000;

  /**
   * Numbers at one moment.
   *
   * @param calls HTTP calls, parts of batches counted singly
   * @param units of quota that were spent by attempting them
   * @param bytesReceived bytes of answers' bodies on the wire, compressed as they came
   * @param throttled refusals for quota or concurrency, parts of batches counted singly
   */
  public record Counts(long calls, long units, long bytesReceived, long throttled) {
    static final Counts NONE = new Counts(0, 0, 0, 0);
  }

  private static final class Counters {
    final LongAdder calls = new LongAdder();
    final LongAdder units = new LongAdder();
    final LongAdder bytes = new LongAdder();
    final LongAdder throttled = new LongAdder();

    /** When a message last arrived, by {@link System#nanoTime}. */
    volatile long messageNanos;

    volatile boolean anyMessage;

    Counts counts() {
      return new Counts(calls.sum(), units.sum(), bytes.sum(), throttled.sum());
    }
  }

  private final Counters total = new Counters();
  private final List<CallWatch> watches = new CopyOnWriteArrayList<>();
  private final Map<Long, Counters> users = new ConcurrentHashMap<>();

  /** All users together. */
  public Counts total() {
    return total.counts();
  }

  /** One user, since the start or since it was last forgotten. */
  public Counts user(long user) {
    Counters counters = users.get(user);
    return counters == null ? Counts.NONE : counters.counts();
  }

  /** Forgets a user and says what had been counted. */
  public Counts forget(long user) {
    Counters counters = users.remove(user);
    return counters == null ? Counts.NONE : counters.counts();
  }

  /** Tells one more of all that happens from now on. */
  public void tell(CallWatch watch) {
    watches.add(watch);
  }

  void answered(String method, int status, long nanos) {
    watches.forEach(w -> w.answered(method, CallWatch.answer(status), nanos));
  }

  void leftAlone(Instant until) {
    watches.forEach(w -> w.leftAlone(until));
  }

  void called(long user, int calls, int units) {
    watches.forEach(w -> w.called(user, calls, units));
    Counters own = own(user);
    own.calls.add(calls);
    own.units.add(units);
    if (own != total) {
      total.calls.add(calls);
      total.units.add(units);
    }
  }

  void received(long user, long bytes) {
    watches.forEach(w -> w.received(user, bytes));
    Counters own = own(user);
    own.bytes.add(bytes);
    if (own != total) {
      total.bytes.add(bytes);
    }
  }

  void throttled(long user, int refusals) {
    watches.forEach(w -> w.throttled(refusals));
    Counters own = own(user);
    own.throttled.add(refusals);
    if (own != total) {
      total.throttled.add(refusals);
    }
  }

  void messageArrived(long user) {
    Counters own = own(user);
    if (own != total) {
      own.messageNanos = System.nanoTime();
      own.anyMessage = true;
    }
  }

  /** Whether a message of the user arrived after an instant of {@link System#nanoTime}. */
  boolean messageSince(long user, long nanos) {
    Counters own = users.get(user);
    return own != null && own.anyMessage && own.messageNanos - nanos > 0;
  }

  private Counters own(long user) {
    Counters counters = users.get(user);
    if (counters == null) {
      if (users.size() >= MOST_USERS) {
        return total;
      }
      counters = users.computeIfAbsent(user, u -> new Counters());
    }
    return counters;
  }
}
