package io.millrace.limit;

import io.millrace.limit.QuotaMessages.Grant;
import io.millrace.limit.QuotaMessages.Penalty;
import io.millrace.limit.QuotaMessages.Reserve;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the quota buckets of this process, one instance of it. Answers every request at once, with
 * units or with a time: nothing is ever parked here.
 */
public final class QuotaVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(QuotaVerticle.class);
  private static final String USER = "user";
  private static final String PROJECT = "project";
  private static final String DAY = "day";

  /** A ledger that failed is left alone for so long. */
  private static final long LEDGER_PAUSE_NANOS = 500_000_000;

  private final QuotaSettings settings;
  private final Ledger ledger;
  private final InstantSource wallClock;
  private final LongSupplier nanoClock;
  private final long windowNanos;
  private final long jitterNanos;
  private final long sliceNanos;
  private final Map<Ledger.Key, Bucket> buckets = new HashMap<>();
  private final Map<Ledger.Key, Instant> closed = new HashMap<>();
  private final Set<Ledger.Key> toLease = new LinkedHashSet<>();
  private boolean leasing;
  private boolean ledgerAway;
  private long ledgerPausedUntil;
  private long day = Long.MIN_VALUE;
  private long dayUnits;
  private boolean dayLeasing;
  private boolean daySpent;

  /**
   * @param ledger where spending is remembered
   */
  public QuotaVerticle(
      QuotaSettings settings, Ledger ledger, InstantSource wallClock, LongSupplier nanoClock) {
    this.settings = settings;
    this.ledger = ledger;
    this.wallClock = wallClock;
    this.nanoClock = nanoClock;
    this.windowNanos = scaled(Duration.ofMinutes(1));
    this.jitterNanos = settings.jitter().toNanos();
    this.sliceNanos = Math.max(scaled(settings.slice()), 2 * slowestBurstNanos());
  }

  /** Half a slice is to be at hand at any time, and the burst has to fit into it. */
  private long slowestBurstNanos() {
    return keys(0).stream().mapToLong(key -> bucket(key).burstNanos()).max().orElse(0);
  }

  private long scaled(Duration duration) {
    return (long) (duration.toNanos() / settings.timeScale());
  }

  @Override
  public Future<?> start() {
    MessageConsumer<Reserve> reserve =
        vertx.eventBus().localConsumer(QuotaMessages.RESERVE, this::onReserve);
    MessageConsumer<Penalty> penalty =
        vertx.eventBus().localConsumer(QuotaMessages.PENALTY, m -> onPenalty(m.body()));
    return ledger
        .closed()
        .onSuccess(all -> all.forEach(c -> closed.put(c.key(), c.until())))
        .compose(v -> Future.all(reserve.completion(), penalty.completion()));
  }

  private void onReserve(Message<Reserve> message) {
    message.reply(grant(message.body()));
  }

  private Grant grant(Reserve ask) {
    Instant now = wallClock.instant();
    Instant gate = gate(ask.user(), now);
    if (gate != null) {
      return later(Duration.between(now, gate).toNanos(), "Google closed it until " + gate);
    }
    long nanos = nanoClock.getAsLong();
    long units = ask.want();
    long wait = 0;
    String why = null;
    List<Bucket> spending = new ArrayList<>(2);
    for (Ledger.Key key : keys(ask.user())) {
      Bucket bucket = buckets.computeIfAbsent(key, this::bucket);
      if (bucket.runsOut(nanos, sliceNanos / 2)) {
        lease(key);
      }
      long available = bucket.available(nanos);
      if (available < ask.min()) {
        long until = bucket.notBefore(ask.min(), nanos) - nanos;
        wait = Math.max(wait, Math.max(until, 2_000_000));
        if (bucket.runsOut(nanos, 0)) {
          wait = Math.max(wait, ledgerPause(nanos));
        }
        why =
            key.scope().equals(USER)
                ? "the user's quota per minute"
                : "the project's quota per minute";
      }
      units = Math.min(units, available);
      spending.add(bucket);
    }
    if (why == null && settings.limits().projectPerDay() > 0) {
      long left = dayLeft(now, ask.want());
      if (left < ask.min()) {
        wait =
            daySpent
                ? untilDayTurns(now).toNanos()
                : Math.max(5_000_000, ledgerPause(nanoClock.getAsLong()));
        why = "the project's quota of the day";
      }
      units = Math.min(units, left);
    }
    if (why != null) {
      return later(wait, why);
    }
    int granted = (int) (units - units % ask.min());
    spending.forEach(b -> b.spend(granted, nanos));
    if (settings.limits().projectPerDay() > 0) {
      dayUnits -= granted;
    }
    return new Grant(granted, nanos + jitterNanos / 2, 0, null);
  }

  private static Grant later(long waitNanos, String why) {
    return new Grant(0, 0, Math.max(1_000_000, waitNanos), why);
  }

  private List<Ledger.Key> keys(long user) {
    List<Ledger.Key> keys = new ArrayList<>(2);
    if (settings.limits().userPerMinute() > 0) {
      keys.add(new Ledger.Key(USER, user));
    }
    if (settings.limits().projectPerMinute() > 0) {
      keys.add(new Ledger.Key(PROJECT, 0));
    }
    return keys;
  }

  private Bucket bucket(Ledger.Key key) {
    long limit =
        key.scope().equals(USER)
            ? settings.limits().userPerMinute()
            : settings.limits().projectPerMinute();
    // A sixtieth: what a second earns. Less would cost round trips, more would cost rate.
    return new Bucket(limit, windowNanos, jitterNanos, Math.max(limit / 60, 50));
  }

  private Instant gate(long user, Instant now) {
    Instant gate = null;
    for (Ledger.Key key : List.of(new Ledger.Key(USER, user), new Ledger.Key(PROJECT, 0))) {
      Instant until = closed.get(key);
      if (until != null && !until.isAfter(now)) {
        closed.remove(key);
      } else if (until != null && (gate == null || until.isAfter(gate))) {
        gate = until;
      }
    }
    return gate;
  }

  /** Leases are asked for once per turn of the event loop, all users in one statement. */
  private void lease(Ledger.Key key) {
    if (ledgerPause(nanoClock.getAsLong()) > 0) {
      return;
    }
    toLease.add(key);
    if (!leasing) {
      leasing = true;
      context.runOnContext(v -> leaseNow());
    }
  }

  private void leaseNow() {
    List<Ledger.Key> keys = List.copyOf(toLease);
    toLease.clear();
    long sent = nanoClock.getAsLong();
    ledger
        .lease(keys, sliceNanos / 1e6)
        .onComplete(
            leased -> {
              leasing = false;
              // Whoever asked for these meanwhile asks again if it is not enough.
              keys.forEach(toLease::remove);
              if (leased.failed()) {
                log.warn("no quota could be leased: {}", leased.cause().getMessage());
                pauseLedger();
              } else {
                ledgerAway = false;
                long received = nanoClock.getAsLong();
                leased.result().forEach(slice -> extend(slice, sent, received));
              }
              if (!toLease.isEmpty()) {
                lease(toLease.iterator().next());
              }
            });
  }

  private void pauseLedger() {
    ledgerAway = true;
    ledgerPausedUntil = nanoClock.getAsLong() + LEDGER_PAUSE_NANOS;
  }

  /** For how long yet a ledger that failed is left alone. */
  private long ledgerPause(long nanos) {
    return ledgerAway ? Math.max(0, ledgerPausedUntil - nanos) : 0;
  }

  /**
   * The ledger's present lies between sending and receiving: a slice begins by the later and ends
   * by the earlier, so that it is never longer here than there.
   */
  private void extend(Ledger.Slice slice, long sent, long received) {
    Bucket bucket = buckets.computeIfAbsent(slice.key(), this::bucket);
    bucket.extend(
        received + (long) (slice.fromMs() * 1e6),
        sent + (long) (slice.untilMs() * 1e6),
        slice.mark(),
        slice.untilMark());
  }

  private long dayLeft(Instant now, int want) {
    long today = dayOf(now);
    if (today != day) {
      day = today;
      dayUnits = 0;
      daySpent = false;
    }
    long chunk = Math.max(1_000, settings.limits().projectPerDay() / 10_000);
    if (dayUnits < Math.max(want, chunk / 2)
        && !dayLeasing
        && !daySpent
        && ledgerPause(nanoClock.getAsLong()) == 0) {
      dayLeasing = true;
      ledger
          .takeDay(today, chunk, settings.limits().projectPerDay())
          .onComplete(
              taken -> {
                dayLeasing = false;
                if (taken.failed()) {
                  log.warn("no units of the day could be had: {}", taken.cause().getMessage());
                  pauseLedger();
                } else if (today == day) {
                  ledgerAway = false;
                  dayUnits += taken.result();
                  daySpent = taken.result() == 0 && dayUnits < want;
                }
              });
    }
    return dayUnits;
  }

  /** Google's calendar day; with a time scale, a day so much shorter, counted from the epoch. */
  private long dayOf(Instant now) {
    if (settings.timeScale() == 1) {
      return now.atZone(settings.dayZone()).toLocalDate().toEpochDay();
    }
    return (long) (now.toEpochMilli() * settings.timeScale() / 86_400_000);
  }

  private Duration untilDayTurns(Instant now) {
    if (settings.timeScale() == 1) {
      ZonedDateTime local = now.atZone(settings.dayZone());
      return Duration.between(
          local, local.toLocalDate().plusDays(1).atStartOfDay(settings.dayZone()));
    }
    double next = (dayOf(now) + 1) * 86_400_000.0 / settings.timeScale();
    return Duration.ofMillis((long) next - now.toEpochMilli() + 1);
  }

  /** Only an instant that Google named closes a bucket, and only a later one moves it. */
  private void onPenalty(Penalty penalty) {
    Instant now = wallClock.instant();
    Instant until =
        penalty.wholeProject() && penalty.until() == null
            ? now.plus(untilDayTurns(now))
            : penalty.until();
    if (until == null) {
      return;
    }
    Ledger.Key key =
        penalty.wholeProject() ? new Ledger.Key(PROJECT, 0) : new Ledger.Key(USER, penalty.user());
    Instant known = closed.get(key);
    if (known != null && !until.isAfter(known)) {
      return;
    }
    closed.put(key, until);
    log.atWarn()
        .addKeyValue(penalty.wholeProject() ? DAY : USER, penalty.user())
        .log("Google closed the quota until {}", until);
    ledger
        .close(new Ledger.Closed(key, until))
        .onFailure(e -> log.warn("the closing could not be kept: {}", e.getMessage()));
  }
}
