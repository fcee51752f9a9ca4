package io.millrace.limit;

import io.millrace.limit.QuotaMessages.Grant;
import io.millrace.limit.QuotaMessages.Look;
import io.millrace.limit.QuotaMessages.Penalty;
import io.millrace.limit.QuotaMessages.Reserve;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Asks the quota verticle for units over the event bus, and waits on the asker's side where the
 * wait is short. Thread-safe; futures complete on the asker's context.
 */
public final class QuotaClient implements Quota {
  private static final Duration MOST_JITTER = Duration.ofMillis(400);

  /** For so long units that come too late are asked for again, and then not before a pause. */
  private static final long LEAST_PATIENCE_NANOS = 1_000_000_000;

  private static final Duration PAUSE = Duration.ofMillis(500);

  private final Vertx vertx;
  private final long yieldAfterNanos;
  private final InstantSource clock;
  private final Gates gates = new Gates();
  private final Delays delays;

  /** With the spread of delays that the configuration has by default. */
  public QuotaClient(Vertx vertx, Duration yieldAfter, InstantSource clock) {
    this(vertx, yieldAfter, MOST_JITTER, clock);
  }

  /**
   * Registers the codecs of the messages: make one client for each Vertx.
   *
   * @param yieldAfter a longer wait than this fails with {@link QuotaWait}
   * @param jitter the longest a request may be under way between its grant and its arrival
   */
  public QuotaClient(Vertx vertx, Duration yieldAfter, Duration jitter, InstantSource clock) {
    this.vertx = vertx;
    this.yieldAfterNanos = yieldAfter.toNanos();
    this.clock = clock;
    this.delays = new Delays(jitter.toNanos());
    EventBus bus = vertx.eventBus();
    bus.registerDefaultCodec(Reserve.class, new LocalCodec<>(Reserve.class));
    bus.registerDefaultCodec(Grant.class, new LocalCodec<>(Grant.class));
    bus.registerDefaultCodec(Penalty.class, new LocalCodec<>(Penalty.class));
    bus.registerDefaultCodec(Look.class, new LocalCodec<>(Look.class));
    bus.registerDefaultCodec(QuotaOutlook.class, new LocalCodec<>(QuotaOutlook.class));
  }

  Gates gates() {
    return gates;
  }

  Delays delays() {
    return delays;
  }

  @Override
  public Future<Integer> take(long user, int want, int min) {
    return ask(new Reserve(user, Math.max(want, min), min, false));
  }

  @Override
  public Future<Integer> takeUrgently(long user, int want, int min) {
    return ask(new Reserve(user, Math.max(want, min), min, true));
  }

  private Future<Integer> ask(Reserve reserve) {
    Ask ask = new Ask(reserve);
    ask.send();
    return ask.promise.future();
  }

  @Override
  public boolean maySpend(long user, long takenNanos) {
    return System.nanoTime() - takenNanos <= delays.legNanos()
        && gates.until(user, clock.instant()) == null;
  }

  @Override
  public void answered(long nanos) {
    delays.sample(nanos);
  }

  @Override
  public void refused(long user, Instant until, boolean wholeProject) {
    vertx.eventBus().send(QuotaMessages.PENALTY, new Penalty(user, until, wholeProject));
  }

  @Override
  public void refusedAll(Instant until) {
    vertx.eventBus().send(QuotaMessages.PENALTY, new Penalty(0, until, false));
  }

  @Override
  public Future<QuotaOutlook> outlook(long user, int units) {
    return vertx
        .eventBus()
        .<QuotaOutlook>request(QuotaMessages.LOOK, new Look(user, units))
        .map(Message::body);
  }

  /** One asker's wait: a timer re-armed at each answer, no chain that grows. */
  private final class Ask {
    private final Reserve reserve;
    private final Promise<Integer> promise = Promise.promise();
    private final long since = System.nanoTime();

    Ask(Reserve reserve) {
      this.reserve = reserve;
    }

    void send() {
      vertx
          .eventBus()
          .<Grant>request(QuotaMessages.RESERVE, reserve)
          .onComplete(
              answer -> {
                if (answer.failed()) {
                  promise.fail(answer.cause());
                } else {
                  answered(answer.result().body());
                }
              });
    }

    private void answered(Grant grant) {
      long now = System.nanoTime();
      if (grant.units() > 0) {
        if (now - grant.notAfterNanos() <= 0) {
          promise.complete(grant.units());
        } else if (now - since > Math.max(yieldAfterNanos, LEAST_PATIENCE_NANOS)) {
          promise.fail(new QuotaWait(clock.instant().plus(PAUSE), "a busy event loop"));
        } else {
          // This event loop was late: the units are lost, since they could arrive out of their
          // time.
          send();
        }
      } else if (now - since + grant.waitNanos() > yieldAfterNanos) {
        promise.fail(new QuotaWait(clock.instant().plusNanos(grant.waitNanos()), grant.why()));
      } else {
        // Rounded up: a little early would be one more question for nothing.
        vertx.setTimer(-Math.floorDiv(-grant.waitNanos(), 1_000_000), id -> send());
      }
    }
  }
}
