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
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the quota buckets of this process, one instance of it. Answers every request at once, with
 * units or with a time: nothing is ever parked here.
 */
public final class QuotaVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(QuotaVerticle.class);

  /** A ledger that failed is left alone for so long. */
  private static final long LEDGER_PAUSE_NANOS = 500_000_000;

  private static final long LEAST_WAIT_NANOS = 2_000_000;

  private final QuotaSettings settings;
  private final Ledger ledger;
  private final InstantSource wallClock;
  private final LongSupplier nanoClock;
  private final Gates gates;
  private final Delays delays;
  private final Consumer<LimitChanged> changes;
  private final DayBudget day;
  private final FairShare fair;
  private final long windowNanos;
  private final long sliceNanos;
  private final Map<Ledger.Key, Allowance> allowances = new HashMap<>();
  private final Set<Ledger.Key> toLease = new LinkedHashSet<>();
  private boolean leasing;
  private boolean ledgerAway;
  private long ledgerPausedUntil;

  /**
   * @param client whose askers share gates and delays with this verticle
   * @param ledger where spending is remembered
   * @param changes is told when another client turns up, and of the day's threshold
   */
  public QuotaVerticle(
      QuotaSettings settings,
      QuotaClient client,
      Ledger ledger,
      Consumer<LimitChanged> changes,
      InstantSource wallClock,
      LongSupplier nanoClock) {
    this.settings = settings;
    this.ledger = ledger;
    this.gates = client.gates();
    this.delays = client.delays();
    this.changes = changes;
    this.wallClock = wallClock;
    this.nanoClock = nanoClock;
    this.day = new DayBudget(settings, ledger, changes);
    this.windowNanos = scaled(Duration.ofMinutes(1));
    this.fair = new FairShare(Math.max(windowNanos / 12, settings.yieldAfter().toNanos()));
    this.sliceNanos = Math.max(scaled(settings.slice()), 2 * slowestBurstNanos());
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

  @Override
  public Future<?> start() {
    MessageConsumer<Reserve> reserve =
        vertx.eventBus().localConsumer(QuotaMessages.RESERVE, this::onReserve);
    MessageConsumer<Penalty> penalty =
        vertx.eventBus().localConsumer(QuotaMessages.PENALTY, m -> onPenalty(m.body()));
    vertx.setPeriodic(Math.max(1, windowNanos / 1_000_000), id -> turn());
    return ledger
        .closed()
        .onSuccess(gates::restore)
        .compose(v -> Future.all(reserve.completion(), penalty.completion()));
  }

  /** Ends a window. What a dropped bucket had leased passes unspent: the ledger has counted it. */
  void turn() {
    delays.turn();
    long nanos = nanoClock.getAsLong();
    allowances
        .entrySet()
        .removeIf(
            e -> {
              boolean idle = e.getValue().idle(nanos);
              if (idle) {
                tell(e.getKey(), e.getValue(), "nobody asks for it");
              }
              return idle;
            });
  }

  /** How many buckets are held. */
  int buckets() {
    return allowances.size();
  }

  private void onReserve(Message<Reserve> message) {
    message.reply(grant(message.body()));
  }

  private Grant grant(Reserve ask) {
    Instant now = wallClock.instant();
    Instant gate = gates.until(ask.user(), now);
    if (gate != null) {
      return later(Duration.between(now, gate).toNanos(), "Google closed it until " + gate);
    }
    long nanos = nanoClock.getAsLong();
    Allowance user = allowance(Ledger.user(ask.user()), nanos);
    Allowance project = allowance(Ledger.PROJECT, nanos);
    long units = ask.want();
    long wait = 0;
    String why = null;
    for (Allowance one : new Allowance[] {user, project}) {
      if (one != null) {
        long available = one.available(ask.urgent(), nanos);
        if (available < ask.min()) {
          wait = Math.max(wait, wait(one, ask, nanos));
          why = one == user ? "the user's quota per minute" : "the project's quota per minute";
        }
        units = Math.min(units, available);
      }
    }
    if (project != null && why == null) {
      double weight = user == null ? 1 : user.weight();
      long due = fair.due(ask.user(), weight, nanos);
      if (!ask.urgent() && project.scarce(nanos)) {
        if (due < ask.min()) {
          wait = project.nanos(fair.behind(ask.user(), ask.min()));
          why = "the project's quota per minute, others come first";
        }
        units = Math.min(units, due);
      }
    }
    if (why == null && day.limited()) {
      long left = day.left(now, ask.want(), ledgerPause(nanos), this::pauseLedger);
      if (left < ask.min()) {
        wait = day.waitNanos(now, ledgerPause(nanos));
        why = "the project's quota of the day";
      }
      units = Math.min(units, left);
    }
    if (why != null) {
      return later(Math.max(LEAST_WAIT_NANOS, wait), why);
    }
    int granted = (int) (units - units % ask.min());
    if (user != null) {
      user.spend(granted, nanos);
    }
    if (project != null) {
      project.spend(granted, nanos);
      fair.took(ask.user(), granted);
    }
    day.spend(granted);
    return new Grant(granted, nanos + delays.legNanos(), 0, null);
  }

  private long wait(Allowance one, Reserve ask, long nanos) {
    long wait = one.notBefore(ask.min(), ask.urgent(), nanos) - nanos;
    return one.bucket().runsOut(nanos, 0) ? Math.max(wait, ledgerPause(nanos)) : wait;
  }

  private static Grant later(long waitNanos, String why) {
    return new Grant(0, 0, Math.max(1_000_000, waitNanos), why);
  }

  private long limit(Ledger.Key key) {
    return key.equals(Ledger.PROJECT)
        ? settings.limits().projectPerMinute()
        : settings.limits().userPerMinute();
  }

  private Allowance fresh(Ledger.Key key) {
    return new Allowance(limit(key), windowNanos, delays.spreadNanos());
  }

  /** The one of a key, with enough leased or on the way; null if there is no such limit. */
  private Allowance allowance(Ledger.Key key, long nanos) {
    if (limit(key) <= 0) {
      return null;
    }
    Allowance one = allowances.computeIfAbsent(key, this::fresh);
    one.asked(nanos);
    // While little is there the burst takes longer than a slice: a call needs it in one piece.
    if (one.bucket().runsOut(nanos, Math.max(sliceNanos / 4 * 3, one.bucket().burstNanos()))) {
      lease(key);
    }
    return one;
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

  /**
   * How long a piece to lease: for two bursts, since another process's may lie between two of them,
   * in whole slices, so that few lengths are under way.
   */
  private long pieceNanos(Ledger.Key key) {
    Allowance one = allowances.get(key);
    long bursts = one == null ? 0 : 2 * one.bucket().burstNanos();
    return sliceNanos * Math.max(1, -Math.floorDiv(-bursts, sliceNanos));
  }

  /** All that need a piece of one length; the others have their turn after it. */
  private void leaseNow() {
    long piece = pieceNanos(toLease.iterator().next());
    List<Ledger.Key> keys = toLease.stream().filter(key -> pieceNanos(key) == piece).toList();
    keys.forEach(toLease::remove);
    long sent = nanoClock.getAsLong();
    ledger
        .lease(keys, piece / 1e6)
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
                long jitter = delays.spreadNanos();
                leased.result().forEach(slice -> extend(slice, sent, received, jitter));
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
  private void extend(Ledger.Slice slice, long sent, long received, long jitter) {
    Allowance one = allowances.get(slice.key());
    if (one == null) {
      return; // nobody asked any more while it was on its way
    }
    one.weight(slice.weight());
    one.adjust(jitter, received);
    tell(slice.key(), one, "it is coming back");
    one.bucket()
        .extend(
            received + (long) (slice.fromMs() * 1e6),
            sent + (long) (slice.untilMs() * 1e6),
            slice.mark(),
            slice.untilMark());
  }

  /** Only an instant that Google named closes a bucket, and only a later one moves it. */
  private void onPenalty(Penalty penalty) {
    Instant now = wallClock.instant();
    boolean all = penalty.wholeProject() || penalty.user() == 0;
    Ledger.Key key = all ? Ledger.PROJECT : Ledger.user(penalty.user());
    Instant until =
        penalty.wholeProject() && penalty.until() == null
            ? now.plus(day.untilTurn(now))
            : penalty.until();
    Allowance one = allowances.get(key);
    long nanos = nanoClock.getAsLong();
    if (until == null) {
      if (one != null && one.refused(delays.spreadNanos(), nanos)) {
        tell(key, one, "another client spends this quota");
      }
      return;
    }
    Ledger.Closed closed = new Ledger.Closed(key, until);
    if (until.isAfter(now) && gates.close(closed)) {
      log.atWarn()
          .addKeyValue(key.scope(), key.key())
          .log("Google closed the quota until {}", until);
      if (one != null) {
        long at = nanos + Duration.between(now, until).toNanos();
        one.reenter(at, delays.spreadNanos(), nanos);
      }
      keep(closed);
    }
  }

  /** A closing that could not be kept is not lost: it is tried again as long as it counts. */
  private void keep(Ledger.Closed closed) {
    ledger
        .close(closed)
        .onFailure(
            e -> {
              log.warn("the closing could not be kept yet: {}", e.getMessage());
              vertx.setTimer(
                  LEDGER_PAUSE_NANOS / 1_000_000,
                  id -> {
                    if (gates.inForce(closed, wallClock.instant())) {
                      keep(closed);
                    }
                  });
            });
  }

  private void tell(Ledger.Key key, Allowance one, String why) {
    int before = one.announced();
    int percent = one.news(nanoClock.getAsLong());
    if (percent >= 0) {
      String what = key.equals(Ledger.PROJECT) ? "quota:project" : "quota:user:" + key.key();
      String words = percent == 100 ? "all of it is there again" : why;
      log.info("{}: {} % instead of {} % of the limit: {}", what, percent, before, words);
      changes.accept(new LimitChanged(what, before, percent, words));
    }
  }
}
