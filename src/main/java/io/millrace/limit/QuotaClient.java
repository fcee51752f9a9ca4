package io.millrace.limit;

import io.millrace.limit.QuotaMessages.Grant;
import io.millrace.limit.QuotaMessages.Penalty;
import io.millrace.limit.QuotaMessages.Reserve;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.EventBus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * Asks the quota verticle for units over the event bus, and waits on the asker's side where the
 * wait is short. Thread-safe; futures complete on the asker's context.
 */
public final class QuotaClient implements Quota {
  private final Vertx vertx;
  private final long yieldAfterNanos;
  private final InstantSource clock;

  /**
   * Registers the codecs of the messages: make one client for each Vertx.
   *
   * @param yieldAfter a longer wait than this fails with {@link QuotaWait}
   */
  public QuotaClient(Vertx vertx, Duration yieldAfter, InstantSource clock) {
    this.vertx = vertx;
    this.yieldAfterNanos = yieldAfter.toNanos();
    this.clock = clock;
    EventBus bus = vertx.eventBus();
    bus.registerDefaultCodec(Reserve.class, new LocalCodec<>(Reserve.class));
    bus.registerDefaultCodec(Grant.class, new LocalCodec<>(Grant.class));
    bus.registerDefaultCodec(Penalty.class, new LocalCodec<>(Penalty.class));
  }

  @Override
  public Future<Integer> take(long user, int want, int min) {
    Ask ask = new Ask(new Reserve(user, Math.max(want, min), min));
    ask.send();
    return ask.promise.future();
  }

  @Override
  public void refused(long user, Instant until, boolean wholeProject) {
    vertx.eventBus().send(QuotaMessages.PENALTY, new Penalty(user, until, wholeProject));
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
        } else {
          // This event loop was late: the units are lost, since they could arrive out of their
          // time.
          send();
        }
      } else if (now - since + grant.waitNanos() > yieldAfterNanos) {
        promise.fail(new QuotaWait(clock.instant().plusNanos(grant.waitNanos()), grant.why()));
      } else {
        vertx.setTimer(Math.max(1, TimeUnit.NANOSECONDS.toMillis(grant.waitNanos())), id -> send());
      }
    }
  }
}
