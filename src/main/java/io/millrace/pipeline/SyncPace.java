package io.millrace.pipeline;

import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How fast the syncs of this process have been lately, by what they publish after each commit.
 * Remembers a bounded number of mailboxes. Thread-safe.
 */
final class SyncPace {
  private static final int MOST = 10_000;

  /** What is older than this tells little. */
  private static final double MEMORY_SECONDS = 20;

  private static final class Pace {
    private long count;
    private long nanos;
    private double perSecond;

    Pace(long count, long nanos) {
      this.count = count;
      this.nanos = nanos;
    }

    void at(long now, long time) {
      double seconds = (time - nanos) / 1e9;
      if (now < count) {
        perSecond = 0;
      } else if (seconds > 0) {
        double weight = 1 - Math.exp(-seconds / MEMORY_SECONDS);
        perSecond += weight * ((now - count) / seconds - perSecond);
      }
      count = now;
      nanos = time;
    }
  }

  private final LongSupplier nanoClock;
  private final Map<Long, Pace> paces =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Pace> eldest) {
          return size() > MOST;
        }
      };

  SyncPace(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /** Listens from now on, until what is answered is unregistered. */
  MessageConsumer<SyncProgress> listen(Vertx vertx) {
    return vertx
        .eventBus()
        .localConsumer(SyncProgress.ADDRESS, m -> advanced(m.body().user(), m.body().accounted()));
  }

  synchronized void advanced(long user, long accounted) {
    long now = nanoClock.getAsLong();
    Pace pace = paces.get(user);
    if (pace == null) {
      paces.put(user, new Pace(accounted, now));
    } else {
      pace.at(accounted, now);
    }
  }

  /** Ids a second; 0 if nothing is known, or nothing came for a long time. */
  synchronized double perSecond(long user) {
    Pace pace = paces.get(user);
    return pace == null || (nanoClock.getAsLong() - pace.nanos) / 1e9 > 3 * MEMORY_SECONDS
        ? 0
        : pace.perSecond;
  }
}
