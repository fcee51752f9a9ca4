package io.millrace.engine;

import io.millrace.store.DatabaseException;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says that the database is away as a person would: once, with the reason; again when the reason
 * changes and at growing intervals; and once when it is back. Without it each part of the engine
 * would say so at each try. Owned by the claimer's context.
 */
final class Outage {
  private static final Logger log = LoggerFactory.getLogger(Outage.class);
  private static final long FIRST_NS = Duration.ofSeconds(10).toNanos();
  private static final long LONGEST_NS = Duration.ofMinutes(5).toNanos();
  private static final long NEWS_NS = Duration.ofSeconds(1).toNanos();
  private static final long LEAST_MS = 50;
  private static final long MOST_MS = 5_000;

  private final LongSupplier nanoClock;
  private final Map<String, Integer> failing = new HashMap<>();
  private long beganAt;
  private long saidAt;
  private long sayAgainNs;
  private String said;

  Outage(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /**
   * Takes in that something failed.
   *
   * @param who tries it; says later that it succeeded
   * @param what did not happen, in words
   * @return how long to wait before the next try, in milliseconds: more with each failure of the
   *     same one
   */
  long failed(String who, String what, Throwable cause) {
    int times = failing.merge(who, 1, Integer::sum);
    String reason = String.valueOf(cause.getMessage());
    if (!isAway(cause)) {
      log.warn("{}: {}", what, reason);
    } else {
      say(what, reason);
    }
    return Math.min(MOST_MS, LEAST_MS << Math.min(times - 1, 10));
  }

  private void say(String what, String reason) {
    long now = nanoClock.getAsLong();
    if (said == null) {
      beganAt = now;
      sayAgainNs = FIRST_NS;
      log.warn("the database cannot be reached ({}): {}", what, reason);
    } else if (now - saidAt >= sayAgainNs
        || (!Objects.equals(reason, said) && now - saidAt >= NEWS_NS)) {
      sayAgainNs = Math.min(LONGEST_NS, 2 * sayAgainNs);
      log.warn("the database cannot be reached for {} s now ({}): {}", seconds(now), what, reason);
    } else {
      return;
    }
    saidAt = now;
    said = reason;
  }

  /** Takes in that something succeeded. */
  void succeeded(String who) {
    if (failing.remove(who) != null && failing.isEmpty() && said != null) {
      log.info("the database is back after {} s", seconds(nanoClock.getAsLong()));
      said = null;
    }
  }

  /** Whether it lasts. */
  boolean lasts() {
    return said != null;
  }

  private String seconds(long now) {
    return String.format("%.1f", (now - beganAt) / 1e9);
  }

  /** Whether it is the database's state, and not this one statement. */
  static boolean isAway(Throwable cause) {
    if (cause instanceof PgException e) {
      String state = String.valueOf(e.getSqlState());
      return state.equals("25006") || state.matches("(08|53|57|58).*");
    }
    return cause instanceof DatabaseException
        || cause instanceof ClosedConnectionException
        || cause instanceof TimeoutException
        || cause instanceof IOException;
  }
}
