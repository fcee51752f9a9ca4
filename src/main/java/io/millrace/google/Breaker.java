package io.millrace.google;

import io.millrace.google.GoogleFailure.Unavailable;
import io.millrace.limit.BreakerSettings;
import io.millrace.limit.BreakerWait;
import io.millrace.limit.ErrorWindow;
import io.vertx.circuitbreaker.CircuitBreaker;
import io.vertx.circuitbreaker.CircuitBreakerOptions;
import io.vertx.circuitbreaker.CircuitBreakerState;
import io.vertx.circuitbreaker.OpenCircuitException;
import io.vertx.circuitbreaker.TimeoutException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves a service alone that fails too often, and tries it with a single call before all return.
 *
 * <p>Vert.x's circuit breaker keeps the state, the time of leaving alone, the call timeout, and
 * lets exactly one call through when it is half open. What it lacks is added here: it counts
 * failures, not a share of the calls, and forgets them at every success, so a service that fails
 * every other call never opens it; so a window of our own says when to open. It knows no calls that
 * tell nothing: here they count neither way, and a probe that tells nothing leaves the service
 * alone for another while. And a call from before the opening that ends late closes it there; here
 * only the probe does.
 *
 * <p>Thread-safe; futures complete on the caller's context.
 */
public final class Breaker {
  /** What a call that has ended says about the service. */
  public enum Verdict {
    /** It answered, if only to refuse. */
    WELL,
    /** It failed. */
    ILL,
    /** Nothing: the call was cancelled, or never made. */
    NOTHING
  }

  private static final Logger log = LoggerFactory.getLogger(Breaker.class);

  /** While a probe is under way its outcome is awaited: then there is soon more to say. */
  private static final Duration PROBING = Duration.ofSeconds(1);

  private final String service;
  private final BreakerSettings settings;
  private final InstantSource clock;
  private final LongSupplier nanoClock;
  private final CircuitBreaker state;
  private final ErrorWindow window;
  private volatile Instant until = Instant.MIN;
  private volatile Consumer<Instant> listener = at -> {};

  /**
   * @param service what it is, in a few words for a person
   * @param bounded whether calls have a time limit of their own; if not, {@link
   *     BreakerSettings#timeout} is theirs, at which they are given up but not broken off
   * @param nanoClock {@link System#nanoTime}
   */
  public Breaker(
      Vertx vertx,
      String service,
      BreakerSettings settings,
      boolean bounded,
      InstantSource clock,
      LongSupplier nanoClock) {
    this.service = service;
    this.settings = settings;
    this.clock = clock;
    this.nanoClock = nanoClock;
    this.window = new ErrorWindow(settings.window().toNanos());
    CircuitBreakerOptions options =
        new CircuitBreakerOptions()
            .setMaxFailures(Integer.MAX_VALUE)
            .setMaxRetries(0)
            .setTimeout(bounded ? -1 : settings.timeout().toMillis())
            .setResetTimeout(Math.max(1, settings.open().toMillis()));
    this.state =
        CircuitBreaker.create(service, vertx, options)
            .<Boolean>failurePolicy(probed -> !Boolean.TRUE.equals(probed.result()))
            .openHandler(v -> opened())
            .closeHandler(v -> closed());
  }

  /**
   * Makes a call, unless the service is left alone.
   *
   * @param verdict what the call, once it has ended, says about the service
   * @return what the call gave; fails with {@link BreakerWait} if it was not made, and with {@link
   *     GoogleException} if it was given up
   */
  public <T> Future<T> call(Supplier<Future<T>> work, Function<Future<T>, Verdict> verdict) {
    Call<T> call = new Call<>(work, verdict);
    return state.execute(call::make).transform(probed -> call.end(probed.cause()));
  }

  /** Tells from now on until when the service is left alone, and null when it answers again. */
  Breaker tell(Consumer<Instant> told) {
    listener = told;
    return this;
  }

  /** Until when the service is left alone; null if calls are made. */
  public Instant leftAloneUntil() {
    return state.state() == CircuitBreakerState.OPEN ? again() : null;
  }

  /** What a failed call says about the service; waits and failures of our own say nothing. */
  static Verdict verdict(Throwable cause) {
    return cause instanceof GoogleException g ? verdict(g.failure()) : Verdict.NOTHING;
  }

  /** What a failure says about the service. */
  static Verdict verdict(GoogleFailure failure) {
    return failure instanceof Unavailable ? Verdict.ILL : Verdict.WELL;
  }

  private final class Call<T> {
    private final Supplier<Future<T>> work;
    private final Function<Future<T>, Verdict> verdict;
    private volatile Future<T> ended;

    Call(Supplier<Future<T>> work, Function<Future<T>, Verdict> verdict) {
      this.work = work;
      this.verdict = verdict;
    }

    /** Answers whether this was the probe and went well. */
    Future<Boolean> make() {
      boolean probe = state.state() == CircuitBreakerState.HALF_OPEN;
      Future<T> made = work.get();
      return made.transform(
          done -> {
            ended = made;
            Verdict says = verdict.apply(made);
            count(says);
            return Future.succeededFuture(probe && says == Verdict.WELL);
          });
    }

    Future<T> end(Throwable cause) {
      if (ended != null) {
        return ended;
      }
      if (cause instanceof OpenCircuitException) {
        return Future.failedFuture(new BreakerWait(again(), service));
      }
      if (cause instanceof TimeoutException) {
        count(Verdict.ILL);
        String sentence = "nothing came for " + settings.timeout().toMillis() + " ms.";
        return Future.failedFuture(new GoogleException(new Unavailable(sentence)));
      }
      return Future.failedFuture(cause);
    }
  }

  /** Closed, half_open or open. */
  String state() {
    return state.state().name().toLowerCase(Locale.ROOT);
  }

  private synchronized void count(Verdict verdict) {
    if (verdict == Verdict.NOTHING || state.state() != CircuitBreakerState.CLOSED) {
      return;
    }
    long now = nanoClock.getAsLong();
    window.add(verdict == Verdict.ILL, now);
    if (verdict == Verdict.ILL && window.failing(settings.failures(), settings.minCalls(), now)) {
      state.open();
    }
  }

  private Instant again() {
    Instant soon = clock.instant().plus(PROBING);
    return until.isAfter(soon) ? until : soon;
  }

  private void opened() {
    until = clock.instant().plus(settings.open());
    log.warn("{} fails too often and is left alone until {}", service, until);
    listener.accept(until);
  }

  private synchronized void closed() {
    window.clear();
    log.info("{} answers again", service);
    listener.accept(null);
  }
}
