package io.millrace.limit;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the buckets that somebody asks for, and sees that enough of each one's timeline is leased
 * from the ledger: all that need more in one statement, ahead of need, and never more than one
 * statement at a time. A ledger that fails is left alone for a while.
 *
 * <p>Used on the quota verticle's context only.
 */
final class Leases {
  /** A ledger that failed is left alone for so long. */
  static final long PAUSE_NANOS = 500_000_000;

  private static final Logger log = LoggerFactory.getLogger(Leases.class);

  /** Into how many turns a slice is divided where processes share. */
  private static final int TURNS = 8;

  private final QuotaSettings settings;
  private final Ledger ledger;
  private final Delays delays;
  private final LongSupplier nanoClock;
  private final Executor nextTurn;
  private final long windowNanos;
  private final long sliceNanos;
  private final Map<Ledger.Key, Allowance> allowances = new HashMap<>();
  private final Set<Ledger.Key> toLease = new LinkedHashSet<>();
  private BiConsumer<Ledger.Slice, Allowance> onSlice = (slice, one) -> {};
  private boolean leasing;
  private boolean away;
  private long pausedUntil;

  /**
   * @param nextTurn runs a task in the next turn of the verticle's event loop
   */
  Leases(
      QuotaSettings settings,
      Ledger ledger,
      Delays delays,
      LongSupplier nanoClock,
      Executor nextTurn) {
    this.settings = settings;
    this.ledger = ledger;
    this.delays = delays;
    this.nanoClock = nanoClock;
    this.nextTurn = nextTurn;
    this.windowNanos = scaled(Duration.ofMinutes(1));
    this.sliceNanos = Math.max(scaled(settings.slice()), 2 * slowestBurstNanos());
  }

  /** Tells of each slice that comes for a bucket that is still held, before it is spent from. */
  void onSlice(BiConsumer<Ledger.Slice, Allowance> told) {
    onSlice = told;
  }

  /** Half a slice is to be at hand at any time, and the burst has to fit into it. */
  private long slowestBurstNanos() {
    long slowest = 0;
    for (Ledger.Key key : List.of(Ledger.user(0), Ledger.PROJECT)) {
      if (limit(key) > 0) {
        slowest = Math.max(slowest, fresh(key).bucket().burstNanos());
      }
    }
    return slowest;
  }

  private long scaled(Duration duration) {
    return (long) (duration.toNanos() / settings.timeScale());
  }

  private long limit(Ledger.Key key) {
    return key.equals(Ledger.PROJECT)
        ? settings.limits().projectPerMinute()
        : settings.limits().userPerMinute();
  }

  private Allowance fresh(Ledger.Key key) {
    return new Allowance(limit(key), windowNanos, delays.spreadNanos());
  }

  /** How many buckets are held. */
  int buckets() {
    return allowances.size();
  }

  /** The bucket of a key, if it is held; null otherwise. */
  Allowance known(Ledger.Key key) {
    return allowances.get(key);
  }

  /**
   * Drops what nobody asks for. What such a bucket had leased passes unspent: the ledger has
   * counted it.
   *
   * @param dropped told of each
   */
  void dropIdle(BiConsumer<Ledger.Key, Allowance> dropped) {
    long nanos = nanoClock.getAsLong();
    allowances
        .entrySet()
        .removeIf(
            e -> {
              boolean idle = e.getValue().idle(nanos);
              if (idle) {
                dropped.accept(e.getKey(), e.getValue());
              }
              return idle;
            });
  }

  /** The one of a key, with enough leased or on the way; null if there is no such limit. */
  Allowance allowance(Ledger.Key key, long nanos) {
    if (limit(key) <= 0) {
      return null;
    }
    Allowance one = allowances.computeIfAbsent(key, this::fresh);
    one.asked(nanos);
    // While little is there the burst takes longer than a slice: a call needs it in one piece.
    long ahead = Math.max(pieceNanos(key, nanos) / 4 * 3, one.bucket().burstNanos());
    if (one.bucket().runsOut(nanos, ahead)) {
      lease(key);
    }
    return one;
  }

  /** Leases are asked for once per turn of the event loop, all users in one statement. */
  private void lease(Ledger.Key key) {
    if (pauseNanos(nanoClock.getAsLong()) > 0) {
      return;
    }
    toLease.add(key);
    if (!leasing) {
      leasing = true;
      nextTurn.execute(this::leaseNow);
    }
  }

  /**
   * How long a piece to lease: for two bursts, since another process's may lie between two of them,
   * in whole slices, so that few lengths are under way. But of what all users share processes take
   * short turns: while one waits for its own, its users' buckets run over.
   */
  private long pieceNanos(Ledger.Key key, long nanos) {
    Allowance one = allowances.get(key);
    if (one != null && key.equals(Ledger.PROJECT) && one.shared(nanos)) {
      return Math.min(sliceNanos, Math.max(sliceNanos / TURNS, one.leastSliceNanos()));
    }
    long bursts = one == null ? 0 : 2 * one.bucket().burstNanos();
    return sliceNanos * Math.max(1, -Math.floorDiv(-bursts, sliceNanos));
  }

  /** All that need a piece of one length; the others have their turn after it. */
  private void leaseNow() {
    long sent = nanoClock.getAsLong();
    long piece = pieceNanos(toLease.iterator().next(), sent);
    List<Ledger.Key> keys = toLease.stream().filter(k -> pieceNanos(k, sent) == piece).toList();
    keys.forEach(toLease::remove);
    ledger
        .lease(keys, piece / 1e6)
        .onComplete(
            leased -> {
              leasing = false;
              // Whoever asked for these meanwhile asks again if it is not enough.
              keys.forEach(toLease::remove);
              if (leased.failed()) {
                log.warn("no quota could be leased: {}", leased.cause().getMessage());
                pause();
              } else {
                away = false;
                long received = nanoClock.getAsLong();
                long jitter = delays.spreadNanos();
                leased.result().forEach(slice -> extend(slice, sent, received, jitter));
              }
              if (!toLease.isEmpty()) {
                lease(toLease.iterator().next());
              }
            });
  }

  /** Leaves the ledger alone for a while: it failed. */
  void pause() {
    away = true;
    pausedUntil = nanoClock.getAsLong() + PAUSE_NANOS;
  }

  /** For how long yet a ledger that failed is left alone. */
  long pauseNanos(long nanos) {
    return away ? Math.max(0, pausedUntil - nanos) : 0;
  }

  /**
   * The ledger's present lies between sending and receiving: a slice begins by the later and ends
   * by the earlier, so that it is never longer here than there.
   */
  private void extend(Ledger.Slice slice, long sent, long received, long jitter) {
    Allowance one = allowances.get(slice.key());
    if (one == null) {
      return; // nobody asked any more while it was on its way
    }
    one.weight(slice.weight());
    one.adjust(jitter, received);
    onSlice.accept(slice, one);
    one.extend(
        received + (long) (slice.fromMs() * 1e6),
        sent + (long) (slice.untilMs() * 1e6),
        slice.mark(),
        slice.untilMark(),
        received);
  }
}
