package io.millrace.limit;

import io.millrace.limit.QuotaMessages.Grant;
import io.millrace.limit.QuotaMessages.Look;
import io.millrace.limit.QuotaMessages.Penalty;
import io.millrace.limit.QuotaMessages.Reserve;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
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
  private final Leases leases;

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
    this.leases =
        new Leases(
            settings, ledger, delays, nanoClock, task -> context.runOnContext(v -> task.run()));
    leases.onSlice(this::leased);
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
    Prospect prospect = new Prospect(gates, leases, day, wallClock, nanoClock);
    MessageConsumer<Look> look =
        vertx
            .eventBus()
            .localConsumer(
                QuotaMessages.LOOK, m -> m.reply(prospect.of(m.body().user(), m.body().units())));
    vertx.setPeriodic(Math.max(1, windowNanos / 1_000_000), id -> turn());
    return ledger
        .closed()
        .onSuccess(gates::restore)
        .compose(v -> Future.all(reserve.completion(), penalty.completion(), look.completion()));
  }

  /** Ends a window. What a dropped bucket had leased passes unspent: the ledger has counted it. */
  void turn() {
    delays.turn();
    leases.dropIdle((key, one) -> tell(key, one, "nobody asks for it"));
  }

  /** How many buckets are held. */
  int buckets() {
    return leases.buckets();
  }

  private void onReserve(Message<Reserve> message) {
    message.reply(grant(message.body()));
  }

  private Grant grant(Reserve ask) {
    Instant now = wallClock.instant();
    Instant gate = gates.until(ask.user(), now);
    if (gate != null) {
      return later(
          Duration.between(now, gate).toNanos(), QuotaScope.GOOGLE.words() + " until " + gate);
    }
    long nanos = nanoClock.getAsLong();
    Allowance user = leases.allowance(Ledger.user(ask.user()), nanos);
    Allowance project = leases.allowance(Ledger.PROJECT, nanos);
    long units = ask.want();
    long wait = 0;
    String why = null;
    for (Allowance one : new Allowance[] {user, project}) {
      if (one != null) {
        long available = one.available(ask.urgent(), nanos);
        if (available < ask.min()) {
          wait = Math.max(wait, wait(one, ask, nanos));
          why = (one == user ? QuotaScope.USER : QuotaScope.PROJECT).words();
        }
        units = Math.min(units, available);
      }
    }
    boolean own = user != null && user.available(ask.urgent(), nanos) < ask.min();
    if (project != null && !own) {
      long due = fair.due(ask.user(), user == null ? 1 : user.weight(), nanos);
      if (!ask.urgent() && project.scarce(nanos)) {
        if (why != null) {
          // Nearly all are due by turns: were each told when the next units come, all would ask.
          wait = Math.max(wait, project.turnNanos(fair.before(ask.user())));
        } else if (due < ask.min()) {
          wait = project.nanos(fair.behind(ask.user(), ask.min()));
          why = QuotaScope.SHARE.words();
        }
        units = Math.min(units, due);
      }
    }
    if (why == null && day.limited()) {
      long left = day.left(now, ask.want(), leases.pauseNanos(nanos), leases::pause);
      if (left < ask.min()) {
        wait = day.waitNanos(now, leases.pauseNanos(nanos));
        why = QuotaScope.DAY.words();
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
    return one.bucket().runsOut(nanos, 0) ? Math.max(wait, leases.pauseNanos(nanos)) : wait;
  }

  private static Grant later(long waitNanos, String why) {
    return new Grant(0, 0, Math.max(1_000_000, waitNanos), why);
  }

  /**
   * What came with a slice: news of a share that grows, and of a closing that Google named to
   * another process.
   */
  private void leased(Ledger.Slice slice, Allowance one) {
    tell(slice.key(), one, "it is coming back");
    if (slice.closed() != null) {
      close(slice.closed(), leases.known(slice.closed().key()));
    }
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
    Allowance one = leases.known(key);
    if (until == null) {
      if (one != null && one.refused(delays.spreadNanos(), nanoClock.getAsLong())) {
        tell(key, one, "another client spends this quota");
      }
      return;
    }
    // No finer than the ledger keeps it, or what it answers would seem to be another instant.
    Ledger.Closed closed = new Ledger.Closed(key, until.truncatedTo(ChronoUnit.MICROS));
    if (close(closed, one)) {
      keep(closed);
    }
  }

  /** Answers whether it was news that the bucket is closed until then. */
  private boolean close(Ledger.Closed closed, Allowance one) {
    Instant now = wallClock.instant();
    if (!closed.until().isAfter(now) || !gates.close(closed)) {
      return false;
    }
    log.atWarn()
        .addKeyValue(closed.key().scope(), closed.key().key())
        .log("Google closed the quota until {}", closed.until());
    if (one != null) {
      long nanos = nanoClock.getAsLong();
      long at = nanos + Duration.between(now, closed.until()).toNanos();
      one.reenter(at, delays.spreadNanos(), nanos);
    }
    return true;
  }

  /** A closing that could not be kept is not lost: it is tried again as long as it counts. */
  private void keep(Ledger.Closed closed) {
    ledger
        .close(closed)
        .onFailure(
            e -> {
              log.warn("the closing could not be kept yet: {}", e.getMessage());
              vertx.setTimer(
                  Leases.PAUSE_NANOS / 1_000_000,
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
