package io.millrace.google;

import io.millrace.google.GoogleFailure.DeadGrant;
import io.millrace.google.GoogleFailure.Malformed;
import io.millrace.google.GoogleFailure.Unauthorized;
import io.millrace.google.GoogleFailure.Unavailable;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Access tokens of users, by whatever {@link Grant} each has.
 *
 * <p>However many ask at once, a user's token is fetched once. It is used until a minute, or a
 * tenth of its life, before it expires; as long before that the next one is fetched beside it, so
 * that nobody waits. A token that Google rejects is replaced once; if its successor is rejected as
 * well, Google is left alone for a while. Thread-safe; futures complete on the caller's context.
 * Tokens never leave by a log or a message.
 */
public final class AccessTokens {
  private static final int MOST = 10_000;
  private static final Duration MARGIN = Duration.ofSeconds(60);

  /** A successor that is rejected within this time is not replaced before it is over. */
  private static final Duration REST = Duration.ofSeconds(30);

  /**
   * @param token null for a while in which none is asked for
   * @param since when it was had
   * @param renew from when on the next one is fetched beside it
   * @param until how long it is used
   * @param successor whether it replaced one that Google had rejected
   */
  private record Held(
      String token, Instant since, Instant renew, Instant until, boolean successor) {
    static Held of(String token, Duration life, Instant since, boolean successor) {
      Duration usable = usable(life);
      Instant until = since.plus(usable);
      return new Held(token, since, until.minus(life.minus(usable)), until, successor);
    }

    /** None, and none is asked for before an instant. */
    static Held none(Instant until) {
      return new Held(null, until, until, until, false);
    }

    Held renewedFrom(Instant later) {
      return new Held(token, since, later, until, successor);
    }
  }

  private final Vertx vertx;
  private final Grants grants;
  private final TokenEndpoint endpoint;
  private final InstantSource clock;
  private final Map<Long, Future<String>> pending = new HashMap<>();
  private final Map<Long, Held> cache =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Held> eldest) {
          return size() > MOST;
        }
      };

  /** Without a service account. */
  public AccessTokens(
      Vertx vertx, HttpClient http, GoogleSettings settings, Grants grants, InstantSource clock) {
    this(vertx, http, settings, Optional.empty(), grants, clock);
  }

  /**
   * @param http for the token endpoint, see {@link GoogleHttp#client}
   * @param serviceAccount for the mailboxes that it acts for
   */
  public AccessTokens(
      Vertx vertx,
      HttpClient http,
      GoogleSettings settings,
      Optional<ServiceAccount> serviceAccount,
      Grants grants,
      InstantSource clock) {
    this.vertx = vertx;
    this.grants = grants;
    this.clock = clock;
    this.endpoint = new TokenEndpoint(vertx, http, settings, serviceAccount, clock);
  }

  /**
   * An access token that is good for a while.
   *
   * @return fails with {@link GoogleException}: {@link DeadGrant} if the user has to connect again,
   *     {@link GoogleFailure.Misconfigured} or {@link GoogleFailure.Denied} if the operator has to
   *     do something, {@link Unauthorized} while a token and its successor were both rejected,
   *     {@link Unavailable} or {@link Malformed} if it may pass; with {@link
   *     io.millrace.limit.BreakerWait} while the token endpoint is left alone; or with the failure
   *     of the store
   */
  public Future<String> token(long user) {
    Context context = Vertx.currentContext();
    Promise<String> mine = Promise.promise();
    Held held;
    boolean successor = false;
    synchronized (this) {
      Instant now = clock.instant();
      held = cache.get(user);
      boolean good = held != null && now.isBefore(held.until());
      if (good && held.token() == null) {
        return Future.failedFuture(new GoogleException(new Unauthorized()));
      }
      Future<String> running = pending.get(user);
      if (good && (running != null || now.isBefore(held.renew()))) {
        return Future.succeededFuture(held.token());
      }
      if (running != null) {
        return on(context, running);
      }
      successor = held != null && held.token() == null;
      if (good) {
        // If it fails it is not tried again at once, and those who ask do not learn of it.
        cache.put(
            user, held.renewedFrom(now.plus(Duration.between(now, held.until()).dividedBy(4))));
      } else {
        held = null;
      }
      pending.put(user, mine.future());
    }
    renew(user, successor, mine);
    return held == null ? on(context, mine.future()) : Future.succeededFuture(held.token());
  }

  /**
   * Forgets a token that Google answered with 401. A newer one, fetched meanwhile, is kept. If this
   * one had replaced another just now, the next is not asked for before a while.
   *
   * @param token exactly the one that was rejected
   */
  public synchronized void reject(long user, String token) {
    Held held = cache.get(user);
    if (held != null && token.equals(held.token())) {
      Instant now = clock.instant();
      boolean again = held.successor() && now.isBefore(held.since().plus(REST));
      cache.put(user, Held.none(again ? now.plus(REST) : now));
    }
  }

  private void renew(long user, boolean successor, Promise<String> mine) {
    Instant asked = clock.instant();
    onEventLoop(() -> grants.grant(user))
        .compose(grant -> onEventLoop(() -> fetch(user, grant)))
        .map(answer -> Held.of(answer.token(), answer.life(), asked, successor))
        .onComplete(
            got -> {
              synchronized (this) {
                pending.remove(user);
                if (got.succeeded()) {
                  cache.put(user, got.result());
                }
              }
              mine.handle(got.map(Held::token));
            });
  }

  private Future<TokenAnswer> fetch(long user, Optional<Grant> grant) {
    if (grant.isEmpty()) {
      return Future.failedFuture(new GoogleException(new DeadGrant("no permission is on record.")));
    }
    Future<TokenAnswer> answer = endpoint.token(grant.get());
    return grant.get() instanceof Grant.Ended
        ? answer
        : answer.onFailure(
            e -> {
              if (e instanceof GoogleException g && g.failure() instanceof DeadGrant dead) {
                grants.dead(user, dead.detail());
              }
            });
  }

  static Duration usable(Duration life) {
    Duration tenth = life.dividedBy(10);
    return life.minus(tenth.compareTo(MARGIN) < 0 ? tenth : MARGIN);
  }

  private <T> Future<T> onEventLoop(Supplier<Future<T>> step) {
    if (Vertx.currentContext() != null) {
      return step.get();
    }
    Promise<T> promise = Promise.promise();
    vertx.getOrCreateContext().runOnContext(v -> step.get().onComplete(promise));
    return promise.future();
  }

  private static <T> Future<T> on(Context context, Future<T> future) {
    if (context == null) {
      return future;
    }
    Promise<T> promise = Promise.promise();
    future.onComplete(
        result -> {
          if (Vertx.currentContext() == context) {
            promise.handle(result);
          } else {
            context.runOnContext(v -> promise.handle(result));
          }
        });
    return promise.future();
  }
}
