package io.millrace.limit;

import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The project's units of the day: had from the ledger in chunks, and watched against the threshold
 * beyond which Google sends a bill, with a forecast of when that is reached.
 *
 * <p>Used on the quota verticle's context only.
 */
final class DayBudget {
  private static final Logger log = LoggerFactory.getLogger(DayBudget.class);
  private static final double SLOW_FROM = 0.8;
  private static final long NO_LIMIT = Long.MAX_VALUE / 4;
  private static final double CHUNKS = 10_000;
  private static final long LEAST_CHUNK = 1_000;

  /** A forecast looks back so many minutes of Google's. */
  private static final long LOOK_BACK_MINUTES = 5;

  private final QuotaSettings settings;
  private final Ledger ledger;
  private final Consumer<LimitChanged> changes;
  private final long limit;
  private final long chunk;
  private long day = Long.MIN_VALUE;
  private long units;
  private long total;
  private boolean taking;
  private boolean spent;
  private boolean told;
  private Instant notBefore = Instant.MIN;
  private long baseTotal;
  private Instant baseAt;
  private Instant forecast;

  /**
   * @param changes is told of forecasts and of the threshold
   */
  DayBudget(QuotaSettings settings, Ledger ledger, Consumer<LimitChanged> changes) {
    this.settings = settings;
    this.ledger = ledger;
    this.changes = changes;
    this.limit = settings.limits().projectPerDay();
    this.chunk = Math.max(LEAST_CHUNK, (long) (limit / CHUNKS));
  }

  boolean limited() {
    return limit > 0;
  }

  /**
   * How many units are at hand; more are asked for when they run low.
   *
   * @param pause for how long yet the ledger is to be left alone
   * @param failed told that the ledger failed
   */
  long left(Instant now, long want, long pause, Runnable failed) {
    long today = dayOf(now);
    if (today != day) {
      begin(today);
    }
    boolean low = units < Math.max(want, chunk / 2);
    if (low && !taking && !spent && pause == 0 && !now.isBefore(notBefore)) {
      take(today, now, want, failed);
    }
    return units;
  }

  void spend(long granted) {
    units -= granted;
  }

  /** How long to wait when too few are at hand, in nanoseconds. */
  long waitNanos(Instant now, long pause) {
    if (spent) {
      return untilTurn(now).toNanos();
    }
    long slow = now.isBefore(notBefore) ? Duration.between(now, notBefore).toNanos() : 0;
    return Math.max(Math.max(5_000_000, pause), slow);
  }

  /** For how long yet there are no more units of this day to be had, in nanoseconds. */
  long shutNanos(Instant now) {
    return spent && units <= 0 && dayOf(now) == day ? untilTurn(now).toNanos() : 0;
  }

  /** When the threshold is reached at the present rate, if that is today; null otherwise. */
  Instant forecast() {
    return forecast;
  }

  /** From now to the next turn of the day. */
  Duration untilTurn(Instant now) {
    if (settings.timeScale() == 1) {
      ZonedDateTime local = now.atZone(settings.dayZone());
      return Duration.between(
          local, local.toLocalDate().plusDays(1).atStartOfDay(settings.dayZone()));
    }
    double next = (dayOf(now) + 1) * 86_400_000.0 / settings.timeScale();
    return Duration.ofMillis((long) next - now.toEpochMilli() + 1);
  }

  private void begin(long today) {
    day = today;
    units = 0;
    total = 0;
    spent = false;
    told = false;
    notBefore = Instant.MIN;
    baseAt = null;
    forecast = null;
  }

  private void take(long today, Instant now, long want, Runnable failed) {
    taking = true;
    long most = settings.dayPolicy() == DayPolicy.WARN ? NO_LIMIT : limit;
    Future<Ledger.Day> taken = ledger.takeDay(today, chunk, most);
    taken.onComplete(
        answer -> {
          taking = false;
          if (answer.failed()) {
            log.warn("no units of the day could be had: {}", answer.cause().getMessage());
            failed.run();
          } else if (today == day) {
            units += answer.result().taken();
            spent = answer.result().taken() == 0 && units < want;
            look(now, answer.result());
          }
        });
  }

  private void look(Instant now, Ledger.Day taken) {
    total = taken.total();
    long left = limit - total;
    if (left <= 0) {
      forecast = null;
      if (!told) {
        told = true;
        announce(100, "the day's threshold of " + limit + " units is reached");
      }
      return;
    }
    if (settings.dayPolicy() == DayPolicy.SLOW && total > SLOW_FROM * limit) {
      notBefore = now.plusNanos((long) ((double) untilTurn(now).toNanos() * taken.taken() / left));
    }
    foresee(now, left);
  }

  private void foresee(Instant now, long left) {
    Duration lookBack =
        Duration.ofNanos(
            (long) (Duration.ofMinutes(LOOK_BACK_MINUTES).toNanos() / settings.timeScale()));
    if (baseAt == null) {
      baseAt = now;
      baseTotal = total;
      return;
    }
    Duration passed = Duration.between(baseAt, now);
    if (passed.compareTo(lookBack.dividedBy(5)) < 0 || total <= baseTotal) {
      return;
    }
    double nanosPerUnit = (double) passed.toNanos() / (total - baseTotal);
    Duration rest = Duration.ofNanos((long) Math.min((double) NO_LIMIT, left * nanosPerUnit));
    Instant before = forecast;
    forecast = rest.compareTo(untilTurn(now)) < 0 ? now.plus(rest) : null;
    boolean moved =
        forecast != null
            && (before == null
                || Duration.between(before, forecast).abs().compareTo(rest.dividedBy(4)) > 0);
    if (moved) {
      announce((int) (100 * total / limit), sentence(forecast));
    }
    if (passed.compareTo(lookBack) > 0) {
      baseAt = now;
      baseTotal = total;
    }
  }

  private String sentence(Instant at) {
    return "at this rate the day's threshold of "
        + limit
        + " units is reached at "
        + DateTimeFormatter.ofPattern("HH:mm").format(at.atZone(settings.dayZone()))
        + " ("
        + settings.dayZone()
        + ")";
  }

  private void announce(int percent, String why) {
    log.warn(why);
    changes.accept(new LimitChanged("quota:day", percent, 100, why));
  }

  private long dayOf(Instant now) {
    return settings.dayOf(now);
  }
}
