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
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Access tokens of users, by whatever {@link Grant} each has.
 *
 * <p>However many ask at once, a user's token is fetched once. It is used until a minute, or a
 * tenth of its life, before it expires; as long before that the next one is fetched beside it, so
 * that nobody waits. A token that Google rejects is replaced once; if its successor is rejected
 * before it was ever accepted, the next is not asked for before a while. Thread-safe; futures
 * complete on the caller's context. Tokens never leave by a log or a message.
 */
public final class AccessTokens {
  private static final int MOST = 10_000;
  private static final Duration MARGIN = Duration.ofSeconds(60);

  /** After two rejections in a row. */
  private static final Duration REST = Duration.ofSeconds(2);

  /**
   * @param token null if the last one was rejected
   * @param renew from when on the next one is fetched; without a token, not before
   * @param until how long it is used
   * @param doubtful whether it replaced a rejected one and was not accepted yet
   */
  private record Held(String token, Instant renew, Instant until, boolean doubtful) {
    static Held of(String token, Duration life, Instant since, boolean doubtful) {
      Duration usable = usable(life);
      Instant until = since.plus(usable);
      return new Held(token, until.minus(life.minus(usable)), until, doubtful);
    }

    static Held none(Instant notBefore) {
      return new Held(null, notBefore, Instant.MIN, true);
    }

    boolean good(Instant now) {
      return now.isBefore(until);
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

  /** Tells one more of every call for a token from now on. */
  public void tell(CallWatch watch) {
    endpoint.tell(watch);
  }

  /**
   * An access token that is good for a while.
   *
   * @return fails with {@link GoogleException}: {@link DeadGrant} if the user has to connect again,
   *     {@link GoogleFailure.Misconfigured} or {@link GoogleFailure.Denied} if the operator has to
   *     do something, {@link Unavailable} or {@link Malformed} if it may pass; with {@link
   *     io.millrace.limit.BreakerWait} while the token endpoint is left alone; or with the failure
   *     of the store
   */
  public Future<String> token(long user) {
    Context context = Vertx.currentContext();
    Promise<String> mine = Promise.promise();
    Instant now = clock.instant();
    Held held;
    synchronized (this) {
      held = cache.get(user);
      Future<String> running = pending.get(user);
      if (held != null && held.good(now)) {
        if (running != null || now.isBefore(held.renew())) {
          return Future.succeededFuture(held.token());
        }
      } else if (running != null) {
        return on(context, running);
      }
      pending.put(user, mine.future());
    }
    renew(user, held, mine);
    return held != null && held.good(now)
        ? Future.succeededFuture(held.token())
        : on(context, mine.future());
  }

  /**
   * Forgets a token that Google answered with 401. A newer one, fetched meanwhile, is kept.
   *
   * @param token exactly the one that was rejected
   */
  public synchronized void reject(long user, String token) {
    Held held = cache.get(user);
    if (held != null && token.equals(held.token())) {
      Instant now = clock.instant();
      cache.put(user, Held.none(held.doubtful() ? now.plus(REST) : now));
    }
  }

  /**
   * Forgets the token of a user, whose next one depends on what grant there is then. One that is
   * being fetched is given to those who wait for it and not kept.
   */
  public synchronized void forget(long user) {
    cache.remove(user);
    pending.remove(user);
  }

  /** Forgets the tokens of all users: some of their grants may have changed. */
  public synchronized void forget() {
    cache.clear();
    pending.clear();
  }

  /** Google took a token: it is as good as any. */
  synchronized void accept(long user, String token) {
    Held held = cache.get(user);
    if (held != null && held.doubtful() && token.equals(held.token())) {
      cache.put(user, new Held(token, held.renew(), held.until(), false));
    }
  }

  private void renew(long user, Held old, Promise<String> mine) {
    boolean rejected = old != null && old.token() == null;
    onEventLoop(() -> rejected ? rest(old.renew()) : Future.succeededFuture())
        .compose(v -> onEventLoop(() -> grants.grant(user)))
        .compose(grant -> onEventLoop(() -> timed(user, grant, rejected)))
        .onComplete(
            got -> {
              synchronized (this) {
                boolean wanted = pending.remove(user, mine.future());
                if (got.succeeded() && wanted) {
                  cache.put(user, got.result());
                } else if (wanted && old != null && old.good(clock.instant())) {
                  later(user, old);
                }
              }
              mine.handle(got.map(Held::token));
            });
  }

  private Future<Void> rest(Instant until) {
    long millis = Duration.between(clock.instant(), until).toMillis();
    return millis <= 0
        ? Future.succeededFuture()
        : vertx.timer(millis, TimeUnit.MILLISECONDS).mapEmpty();
  }

  /** What is still good stays in use, and those who ask learn nothing of the failure. */
  private void later(long user, Held old) {
    Instant now = clock.instant();
    Instant renew = now.plus(Duration.between(now, old.until()).dividedBy(4));
    if (old.equals(cache.get(user))) {
      cache.put(user, new Held(old.token(), renew, old.until(), old.doubtful()));
    }
  }

  private Future<Held> timed(long user, Optional<Grant> grant, boolean rejected) {
    Instant asked = clock.instant();
    return fetch(user, grant)
        .map(answer -> Held.of(answer.token(), answer.life(), asked, rejected));
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
                grants.dead(user, grant.get(), dead.detail());
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
