package io.millrace.google;

import io.millrace.google.GoogleFailure.Unavailable;
import io.millrace.limit.Quota;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.time.Instant;
import java.util.function.IntFunction;

/**
 * Brings a call to Google: access token, room among the user's requests in flight, units of quota,
 * a connection, and then, if the units are still good, the request itself.
 *
 * <p>What is granted must be spent at once: if there was no connection for it, it is taken again
 * with one at hand. A rejected access token is refreshed once.
 */
final class Caller {
  /**
   * What is to be written.
   *
   * @param path with its query
   * @param body null for a GET
   * @param contentType of the body
   */
  record Outgoing(String path, Buffer body, String contentType) {
    static Outgoing get(String path) {
      return new Outgoing(path, null, null);
    }
  }

  /**
   * A call, made of one or more equal ones.
   *
   * @param want how many at the most
   * @param price units for each
   * @param outgoing gives what to write for the number granted
   */
  record Call(long user, int want, int price, IntFunction<Outgoing> outgoing, CallScope scope) {
    Call {
      price = Math.max(1, price);
    }
  }

  /**
   * What came of a call that was written.
   *
   * @param granted how many of the calls were made
   * @param answer null if there was none
   * @param failure null if there was an answer
   * @param token the access token that was used
   * @param written when, and beside how many others
   */
  record Reply(
      int granted,
      Exchange.Answer answer,
      GoogleFailure failure,
      String token,
      InFlight.Written written) {
    Breaker.Verdict verdict() {
      return answer == null ? Breaker.verdict(failure) : answer.verdict();
    }
  }

  private final Vertx vertx;
  private final HttpClient http;
  private final GoogleSettings settings;
  private final Quota quota;
  private final AccessTokens tokens;
  private final Traffic traffic;
  private final InFlight inFlight;
  private final Arrivals arrivals;
  private final long maxResponseBytes;
  private final RequestOptions target;
  private final Breaker breaker;

  Caller(
      Vertx vertx,
      HttpClient http,
      GoogleSettings settings,
      Quota quota,
      AccessTokens tokens,
      Traffic traffic,
      InFlight inFlight,
      Arrivals arrivals,
      Breaker breaker,
      long maxResponseBytes) {
    this.vertx = vertx;
    this.http = http;
    this.settings = settings;
    this.quota = quota;
    this.tokens = tokens;
    this.traffic = traffic;
    this.inFlight = inFlight;
    this.arrivals = arrivals;
    this.breaker = breaker.tell(traffic::leftAlone);
    this.maxResponseBytes = maxResponseBytes;
    this.target = GoogleHttp.to(settings, settings.rootUrl());
  }

  /** Until when Google is left alone; null if calls are made. */
  Instant leftAloneUntil() {
    return breaker.leftAloneUntil();
  }

  /**
   * Makes the call. To be used on a context.
   *
   * @return fails with {@link io.millrace.limit.Wait}, or with {@link GoogleException} if nothing
   *     was written: no token, no connection, cancelled
   */
  Future<Reply> call(Call call) {
    return once(call)
        .compose(
            reply -> {
              if (reply.answer() == null || reply.answer().status() != 401) {
                if (reply.answer() != null) {
                  tokens.accept(call.user(), reply.token());
                }
                return Future.succeededFuture(reply);
              }
              tokens.reject(call.user(), reply.token());
              arrivals.release(reply.answer().body().length);
              return once(call);
            });
  }

  private Future<Reply> once(Call call) {
    return tokens
        .token(call.user())
        .compose(
            token ->
                room(call)
                    .compose(lease -> guarded(call, lease, token).eventually(() -> close(lease))));
  }

  private Future<InFlight.Lease> room(Call call) {
    return call.scope().urgent()
        ? inFlight.leaseUrgently(call.user())
        : inFlight.lease(call.user(), call.want());
  }

  private Future<Integer> units(Call call, InFlight.Lease lease) {
    int want = call.price() * lease.size();
    return call.scope().urgent()
        ? quota.takeUrgently(call.user(), want, call.price())
        : quota.take(call.user(), want, call.price());
  }

  private Future<Reply> guarded(Call call, InFlight.Lease lease, String token) {
    return breaker.call(
        () -> granted(call, lease, token),
        done -> {
          if (call.scope().cancelled()) {
            return Breaker.Verdict.NOTHING;
          }
          return done.succeeded() ? done.result().verdict() : Breaker.verdict(done.cause());
        });
  }

  String breaker() {
    return breaker.state();
  }

  private static Future<Void> close(InFlight.Lease lease) {
    lease.close();
    return Future.succeededFuture();
  }

  /**
   * Units first: who waits for them holds no connection. Then a connection, which is mostly there;
   * if it was not, or Google has closed the quota meanwhile, the units are lost and taken again.
   */
  private Future<Reply> granted(Call call, InFlight.Lease lease, String token) {
    if (call.scope().cancelled()) {
      return Future.failedFuture(cancelled());
    }
    return units(call, lease).compose(units -> connected(call, lease, token, units));
  }

  private Future<Reply> connected(Call call, InFlight.Lease lease, String token, int units) {
    long taken = System.nanoTime();
    return http.request(target)
        .recover(e -> Future.failedFuture(unreachable(e)))
        .compose(
            request -> {
              request.exceptionHandler(e -> {});
              if (call.scope().cancelled()) {
                request.reset();
                return Future.failedFuture(cancelled());
              }
              call.scope().add(request);
              return spend(call, lease, token, request, units, taken)
                  .onComplete(r -> call.scope().remove(request));
            });
  }

  /** With the connection at hand, so that the next units are not lost for want of one. */
  private Future<Reply> spend(
      Call call,
      InFlight.Lease lease,
      String token,
      HttpClientRequest request,
      int units,
      long taken) {
    if (quota.maySpend(call.user(), taken)) {
      return write(call, lease, token, request, units);
    }
    return units(call, lease)
        .onFailure(e -> request.reset())
        .compose(more -> spend(call, lease, token, request, more, System.nanoTime()));
  }

  private Future<Reply> write(
      Call call, InFlight.Lease lease, String token, HttpClientRequest request, int units) {
    if (call.scope().cancelled()) {
      return Future.failedFuture(cancelled());
    }
    int count = Math.max(1, Math.min(units / call.price(), lease.size()));
    lease.shrink(count);
    Outgoing out = call.outgoing().apply(count);
    request
        .setMethod(out.body() == null ? HttpMethod.GET : HttpMethod.POST)
        .setURI(out.path())
        .putHeader("Authorization", "Bearer " + token)
        .putHeader("Accept-Encoding", "gzip")
        .putHeader("User-Agent", GoogleHttp.USER_AGENT);
    if (out.body() != null) {
      request.putHeader("Content-Type", out.contentType());
    }
    traffic.called(call.user(), count, count * call.price());
    InFlight.Written written = lease.written();
    Exchange.Bounds bounds =
        new Exchange.Bounds(
            settings.timeout(), maxResponseBytes, n -> traffic.received(call.user(), n));
    long begun = System.nanoTime();
    return new Exchange(vertx, request, bounds, arrivals, quota::answered)
        .send(out.body())
        .onComplete(
            done ->
                traffic.answered(
                    Paths.method(out.path()),
                    done.succeeded() ? done.result().status() : 0,
                    System.nanoTime() - begun))
        .map(answer -> new Reply(count, answer, null, token, written))
        .recover(e -> Future.succeededFuture(new Reply(count, null, failure(e), token, written)));
  }

  private static GoogleFailure failure(Throwable e) {
    return e instanceof GoogleException g
        ? g.failure()
        : new Unavailable("the request failed (" + e.getClass().getSimpleName() + ").");
  }

  private static GoogleException cancelled() {
    return new GoogleException(new Unavailable("the call was cancelled."));
  }

  private GoogleException unreachable(Throwable e) {
    return new GoogleException(
        new Unavailable(
            "no connection to "
                + settings.rootUrl().getHost()
                + " ("
                + e.getClass().getSimpleName()
                + ")."));
  }
}
