package io.millrace.console;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How many jobs are taken for each user within an hour: nobody fills the tables of all. Remembers a
 * bounded number of users; who had one longest ago is forgotten first. Belongs to one event loop.
 */
final class Allowance {
  private static final int REMEMBERED = 10_000;
  private static final long HOUR = Duration.ofHours(1).toNanos();

  private final long apart;
  private final LongSupplier nanos;

  /** Up to when each user's share of time is used. */
  private final Map<Long, Long> used =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
          return size() > REMEMBERED;
        }
      };

  /**
   * @param perHour 1 or more; as many at once
   */
  Allowance(int perHour, LongSupplier nanos) {
    this.apart = Math.max(1, HOUR / perHour);
    this.nanos = nanos;
  }

  /** In how many seconds there is room for one more of a user's; 0 if now, and then it is taken. */
  int take(long user) {
    long now = nanos.getAsLong();
    Long before = used.get(user);
    long from = before == null || before - now < 0 ? now : before;
    long wait = from + apart - now - HOUR;
    if (wait > 0) {
      return (int) (1 + wait / 1_000_000_000L);
    }
    used.put(user, from + apart);
    return 0;
  }
}
