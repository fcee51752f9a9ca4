package io.millrace.google;

import io.millrace.google.GoogleFailure.DeadGrant;
import io.millrace.google.GoogleFailure.Malformed;
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

/**
 * Access tokens of users, by Google's refresh grant.
 *
 * <p>A token is kept until a minute, or a tenth of its life, before it expires; however many ask at
 * once, a user's token is fetched once. Thread-safe; futures complete on the caller's context.
 * Tokens never leave by a log or a message.
 */
public final class AccessTokens {
  private static final int MOST = 10_000;
  private static final Duration MARGIN = Duration.ofSeconds(60);

  private record Held(String token, Instant until) {}

  private final Vertx vertx;
  private final RefreshTokens grants;
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

  /**
   * @param http for the token endpoint, see {@link GoogleHttp#client}
   */
  public AccessTokens(
      Vertx vertx,
      HttpClient http,
      GoogleSettings settings,
      RefreshTokens grants,
      InstantSource clock) {
    this.vertx = vertx;
    this.grants = grants;
    this.clock = clock;
    this.endpoint = new TokenEndpoint(vertx, http, settings, clock);
  }

  /**
   * An access token that is good for a while.
   *
   * @return fails with {@link GoogleException}: {@link DeadGrant} if the user has to connect again,
   *     {@link GoogleFailure.Denied} if the operator has to do something, {@link Unavailable} or
   *     {@link Malformed} if it may pass; with {@link io.millrace.limit.BreakerWait} while the
   *     token endpoint is left alone; or with the failure of the store
   */
  public Future<String> token(long user) {
    Context context = Vertx.currentContext();
    Promise<String> mine;
    synchronized (this) {
      Held held = cache.get(user);
      if (held != null && clock.instant().isBefore(held.until())) {
        return Future.succeededFuture(held.token());
      }
      Future<String> running = pending.get(user);
      if (running != null) {
        return on(context, running);
      }
      mine = Promise.promise();
      pending.put(user, mine.future());
    }
    fetch(user)
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
    return on(context, mine.future());
  }

  /**
   * Forgets a token that Google answered with 401. A newer one, fetched meanwhile, is kept.
   *
   * @param token exactly the one that was rejected
   */
  public synchronized void reject(long user, String token) {
    Held held = cache.get(user);
    if (held != null && held.token().equals(token)) {
      cache.remove(user);
    }
  }

  private Future<Held> fetch(long user) {
    Instant asked = clock.instant();
    return onEventLoop(() -> grants.refreshToken(user))
        .compose(
            grant ->
                grant.isEmpty()
                    ? Future.failedFuture(
                        new GoogleException(new DeadGrant("no permission is on record.")))
                    : onEventLoop(() -> endpoint.refresh(grant.get())))
        .map(answer -> new Held(answer.token(), asked.plus(usable(answer.life()))))
        .onFailure(
            e -> {
              if (e instanceof GoogleException g
                  && g.failure() instanceof DeadGrant dead
                  && !dead.detail().startsWith("no permission")) {
                grants.dead(user, dead.detail());
              }
            });
  }

  static Duration usable(Duration life) {
    Duration tenth = life.dividedBy(10);
    return life.minus(tenth.compareTo(MARGIN) < 0 ? tenth : MARGIN);
  }

  private interface Step<T> {
    Future<T> run();
  }

  private <T> Future<T> onEventLoop(Step<T> step) {
    if (Vertx.currentContext() != null) {
      return step.run();
    }
    Promise<T> promise = Promise.promise();
    vertx.getOrCreateContext().runOnContext(v -> step.run().onComplete(promise));
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
