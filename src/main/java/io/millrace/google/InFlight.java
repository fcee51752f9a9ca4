package io.millrace.google;

import io.millrace.limit.AimdLimit;
import io.millrace.limit.Permits;
import io.millrace.limit.QuotaLimits;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many requests each user has in flight, parts of batches counted singly, and how many it may
 * have: learnt from whether Google finds too many. Of users that have none it remembers what was
 * learnt, of a bounded number of them. Thread-safe.
 */
final class InFlight {
  private static final class Entry {
    final Permits permits;
    int leases;
    int flying;

    /** Whether an urgent call has taken one more than there are. */
    boolean overdrawn;

    Entry(AimdLimit limit) {
      permits = new Permits(limit.limit());
    }
  }

  /** Room for a number of requests, until closed. */
  final class Lease {
    private final long user;
    private final Entry entry;
    private final boolean overdrawing;
    private int size;
    private int flying;

    private Lease(long user, Entry entry, int size, boolean overdrawing) {
      this.user = user;
      this.entry = entry;
      this.size = size;
      this.overdrawing = overdrawing;
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

    /** It is being written now. */
    Written written() {
      synchronized (InFlight.this) {
        flying += size;
        entry.flying += size;
        return new Written(System.nanoTime(), size, entry.flying);
      }
    }

    void close() {
      entry.permits.release(size);
      size = 0;
      leave(user, entry, flying, overdrawing);
    }
  }

  /**
   * A request that was written.
   *
   * @param nanos when
   * @param parts of how many calls it was made
   * @param busy how many calls were in flight, these included; not those that wait for units
   */
  record Written(long nanos, int parts, int busy) {}

  private static final int MOST_REMEMBERED = 20_000;
  private static final int FIRST = 4;

  private final int first;
  private final int most;
  private final Map<Long, Entry> entries = new HashMap<>();
  private final Map<Long, AimdLimit> learnt =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, AimdLimit> eldest) {
          return size() > MOST_REMEMBERED;
        }
      };

  /** Where no quota binds there is nothing to be careful about: then it begins at the most. */
  InFlight(QuotaLimits limits) {
    this.most = Math.max(1, limits.inFlightPerUser());
    this.first = limits.userPerMinute() == 0 ? most : Math.min(FIRST, most);
  }

  /** What an answer says of the limit. */
  void answered(long user, boolean refused, Written written) {
    synchronized (this) {
      AimdLimit limit = learnt.computeIfAbsent(user, u -> new AimdLimit(first, most));
      long now = System.nanoTime();
      int before = limit.limit();
      for (int i = 0; i < (refused ? 1 : written.parts()); i++) {
        limit.sample(refused, written.busy(), written.nanos(), now);
      }
      Entry entry = entries.get(user);
      if (limit.limit() != before && entry != null) {
        entry.permits.limit(limit.limit());
      }
    }
  }

  /** Waits for room for at least one request, and takes it for up to {@code want}. */
  Future<Lease> lease(long user, int want) {
    Entry entry;
    synchronized (this) {
      entry =
          entries.computeIfAbsent(
              user, u -> new Entry(learnt.computeIfAbsent(u, v -> new AimdLimit(first, most))));
      entry.leases++;
    }
    return entry.permits.acquire(want).map(size -> new Lease(user, entry, size, false));
  }

  /**
   * Room for one request that a person waits for. Much of what is leased waits for units and is not
   * at Google yet: while fewer are there than may be, one such call goes at once; the next ones are
   * the first to get what becomes free.
   */
  Future<Lease> leaseUrgently(long user) {
    Entry entry;
    boolean atOnce;
    synchronized (this) {
      AimdLimit limit = learnt.computeIfAbsent(user, u -> new AimdLimit(first, most));
      entry = entries.computeIfAbsent(user, u -> new Entry(limit));
      entry.leases++;
      atOnce = !entry.overdrawn && entry.flying < limit.limit();
      entry.overdrawn |= atOnce;
    }
    if (atOnce) {
      entry.permits.overdraw();
      return Future.succeededFuture(new Lease(user, entry, 1, true));
    }
    return entry.permits.acquireFirst().map(size -> new Lease(user, entry, size, false));
  }

  private synchronized void leave(long user, Entry entry, int landed, boolean overdrawing) {
    entry.flying -= landed;
    entry.overdrawn &= !overdrawing;
    if (--entry.leases == 0) {
      entries.remove(user);
    }
  }

  /** How many requests of a user are at Google, and how many may be. */
  synchronized CallRoom room(long user) {
    Entry entry = entries.get(user);
    AimdLimit limit = learnt.get(user);
    return new CallRoom(entry == null ? 0 : entry.flying, limit == null ? first : limit.limit());
  }

  synchronized int users() {
    return entries.size();
  }
}
