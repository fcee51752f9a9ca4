package io.millrace.console;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How often callers may ask, each by itself and all together. Remembers a bounded number of them:
 * who asked longest ago is forgotten first. Belongs to one event loop.
 */
final class Rates {
  private static final int REMEMBERED = 10_000;

  /** Wrong tokens from one address before it has to wait, and one more each so many seconds. */
  private static final int WRONG_AT_ONCE = 20;

  private static final int WRONG_SECONDS = 3;

  private final LongSupplier nanos;
  private final Gate all;
  private final long apart;
  private final int atOnce;
  private final Map<String, Gate> callers = recent();
  private final Map<String, Gate> wrong = recent();

  Rates(int perSecond, int allPerSecond, LongSupplier nanos) {
    this.nanos = nanos;
    this.apart = TimeUnit.SECONDS.toNanos(1) / perSecond;
    this.atOnce = 2 * perSecond;
    this.all =
        new Gate(TimeUnit.SECONDS.toNanos(1) / allPerSecond, 2 * allPerSecond, nanos.getAsLong());
  }

  private static Map<String, Gate> recent() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, Gate> eldest) {
        return size() > REMEMBERED;
      }
    };
  }

  /** In how many seconds this caller may ask; 0 if now, and then it has asked. */
  int ask(String caller) {
    long now = nanos.getAsLong();
    Gate own = callers.computeIfAbsent(caller, c -> new Gate(apart, atOnce, now));
    long wait = Math.max(own.delay(now), all.delay(now));
    if (wait == 0) {
      own.pass(now);
      all.pass(now);
    }
    return seconds(wait);
  }

  /** In how many seconds this address may show a token again. */
  int barred(String address) {
    Gate gate = wrong.get(address);
    return gate == null ? 0 : seconds(gate.delay(nanos.getAsLong()));
  }

  /** A token from this address was wrong; those that had to wait do not make it worse. */
  void wrong(String address) {
    long now = nanos.getAsLong();
    Gate gate =
        wrong.computeIfAbsent(
            address, a -> new Gate(TimeUnit.SECONDS.toNanos(WRONG_SECONDS), WRONG_AT_ONCE, now));
    if (gate.delay(now) == 0) {
      gate.pass(now);
    }
  }

  private static int seconds(long wait) {
    return (int) ((wait + 999_999_999L) / 1_000_000_000L);
  }

  /** One caller's timeline: each request takes a piece of it, ahead by a few at the most. */
  private static final class Gate {
    private final long apart;
    private final long ahead;
    private long taken;

    private Gate(long apart, int atOnce, long now) {
      this.apart = apart;
      this.ahead = apart * (atOnce - 1);
      this.taken = now;
    }

    private long delay(long now) {
      return Math.max(0, Math.max(taken, now) - now - ahead);
    }

    private void pass(long now) {
      taken = Math.max(taken, now) + apart;
    }
  }
}
