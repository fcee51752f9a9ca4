package io.millrace.limit;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Until when Google wants no call, for a user or for the whole project: known at once to every
 * thread of the process, so that it can be looked at right before a request is written.
 *
 * <p>An instant is only ever replaced by a later one, and only by one that Google named.
 * Thread-safe.
 */
public final class Gates {
  private final Map<Ledger.Key, Instant> closed = new ConcurrentHashMap<>();

  /** Takes over what was closed before this process began. */
  void restore(List<Ledger.Closed> known) {
    known.forEach(this::close);
  }

  /** Closes; gives whether that was news. */
  boolean close(Ledger.Closed news) {
    Instant[] before = new Instant[1];
    Instant now =
        closed.compute(
            news.key(),
            (key, known) -> {
              before[0] = known;
              return known == null || news.until().isAfter(known) ? news.until() : known;
            });
    return !now.equals(before[0]);
  }

  /** Until when there must be no call for a user; null if there may be one now. */
  Instant until(long user, Instant now) {
    Instant own = open(Ledger.user(user), now);
    Instant all = open(Ledger.PROJECT, now);
    if (own == null || all == null) {
      return own == null ? all : own;
    }
    return own.isAfter(all) ? own : all;
  }

  /** Whether this is still the instant that counts. */
  boolean inForce(Ledger.Closed one, Instant now) {
    return one.until().equals(closed.get(one.key())) && one.until().isAfter(now);
  }

  private Instant open(Ledger.Key key, Instant now) {
    Instant until = closed.get(key);
    if (until != null && !until.isAfter(now)) {
      closed.remove(key, until);
      return null;
    }
    return until;
  }
}
