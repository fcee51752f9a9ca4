package io.millrace.google;

import io.millrace.google.GoogleFailure.BadRequest;
import io.millrace.google.GoogleFailure.DeadGrant;
import io.millrace.google.GoogleFailure.Denied;
import io.millrace.google.GoogleFailure.Malformed;
import io.millrace.google.GoogleFailure.Misconfigured;
import io.millrace.google.GoogleFailure.Unavailable;
import io.millrace.limit.ByteBudget;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * Speaks to Google's token endpoint: turns a grant of either kind, or a code, into access tokens.
 * Runs on the caller's context.
 */
final class TokenEndpoint {
  private static final long LONGEST_ANSWER = 64 * 1024;
  private static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

  private static final GoogleFailure NO_ACCOUNT =
      new Misconfigured(
          "the mailbox was connected by a service account and none is configured; set google.serviceAccountFile.");

  private final Vertx vertx;
  private final HttpClient http;
  private final GoogleSettings settings;
  private final Optional<ServiceAccount> serviceAccount;
  private final InstantSource clock;
  private final Breaker breaker;
  private final List<CallWatch> watches = new CopyOnWriteArrayList<>();

  /** Its answers are small and bounded; they do not compete with mail. */
  private final Arrivals arrivals = new Arrivals(new ByteBudget(Long.MAX_VALUE));

  TokenEndpoint(
      Vertx vertx,
      HttpClient http,
      GoogleSettings settings,
      Optional<ServiceAccount> serviceAccount,
      InstantSource clock) {
    this.vertx = vertx;
    this.http = http;
    this.settings = settings;
    this.serviceAccount = serviceAccount;
    this.clock = clock;
    this.breaker =
        new Breaker(
            vertx, "Google's token endpoint", settings.breaker(), true, clock, System::nanoTime);
  }

  void tell(CallWatch watch) {
    watches.add(watch);
  }

  /** An access token by a grant; fails with {@link DeadGrant} if that has ended. */
  Future<TokenAnswer> token(Grant grant) {
    if (grant instanceof Grant.Refresh refresh) {
      return post(
          form("refresh_token", "refresh_token", refresh.token()) + client(), this::refusedRefresh);
    }
    if (grant instanceof Grant.Delegated delegated) {
      return serviceAccount
          .map(account -> delegated(account, delegated.email()))
          .orElseGet(() -> Future.failedFuture(new GoogleException(NO_ACCOUNT)));
    }
    return Future.failedFuture(new GoogleException(new DeadGrant(((Grant.Ended) grant).reason())));
  }

  /** Signed on a worker: ten thousand of them at once would stand in the way of the mail. */
  private Future<TokenAnswer> delegated(ServiceAccount account, String email) {
    return vertx
        .executeBlocking(
            () -> account.assertion(email, Scopes.MAIL, settings.tokenUrl(), clock.instant()),
            false)
        .compose(
            assertion ->
                post(form(JWT_BEARER, "assertion", assertion), e -> refused(e, account, email)));
  }

  /**
   * What a code from the page of consent is good for, once.
   *
   * @param verifier whose hash the page was given
   * @param redirect the address to which the page sent the code
   */
  Future<TokenAnswer> exchange(String code, String verifier, String redirect) {
    String form =
        form("authorization_code", "code", code)
            + "&code_verifier="
            + encode(verifier)
            + "&redirect_uri="
            + encode(redirect)
            + client();
    return post(
        form,
        error ->
            error.has("invalid_grant")
                ? new Denied("invalid_grant", "the code was used or is too old; begin anew.")
                : ofClient(error));
  }

  private static String form(String grantType, String name, String value) {
    return "grant_type=" + encode(grantType) + "&" + name + "=" + encode(value);
  }

  private String client() {
    return "&client_id="
        + encode(settings.clientId())
        + "&client_secret="
        + encode(settings.clientSecret());
  }

  private Future<TokenAnswer> post(String form, Function<ErrorBody, GoogleFailure> meaning) {
    return breaker
        .call(
            () -> connect().compose(request -> send(request, Buffer.buffer(form))),
            done -> done.succeeded() ? done.result().verdict() : Breaker.verdict(done.cause()))
        .map(
            answer -> {
              if (answer.status() != 200) {
                throw new GoogleException(failure(answer, meaning));
              }
              return TokenAnswer.read(answer.body());
            });
  }

  private Future<HttpClientRequest> connect() {
    URI url = settings.tokenUrl();
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    return http.request(
            GoogleHttp.to(settings, url)
                .setMethod(HttpMethod.POST)
                .setURI(url.getRawQuery() == null ? path : path + "?" + url.getRawQuery()))
        .recover(
            e ->
                Future.failedFuture(
                    new GoogleException(
                        new Unavailable(
                            "no connection to the token endpoint ("
                                + e.getClass().getSimpleName()
                                + ")."))));
  }

  private Future<Exchange.Answer> send(HttpClientRequest request, Buffer form) {
    request
        .putHeader("Content-Type", "application/x-www-form-urlencoded")
        .putHeader("Accept", "application/json")
        .putHeader("User-Agent", "millrace");
    Exchange.Bounds bounds = new Exchange.Bounds(settings.timeout(), LONGEST_ANSWER, n -> {});
    long begun = System.nanoTime();
    return new Exchange(vertx, request, bounds, arrivals, nanos -> {})
        .send(form)
        .onComplete(
            done -> {
              String answer = CallWatch.answer(done.succeeded() ? done.result().status() : 0);
              watches.forEach(w -> w.answered("token", answer, System.nanoTime() - begun));
            });
  }

  private GoogleFailure failure(
      Exchange.Answer answer, Function<ErrorBody, GoogleFailure> meaning) {
    ErrorBody error = ErrorBody.read(answer.body(), 0, answer.body().length);
    GoogleFailure known = meaning.apply(error);
    if (known != null) {
      return known;
    }
    GoogleFailure failure =
        Failures.classify(answer.status(), answer.headers()::get, answer.body(), clock.instant());
    if (failure instanceof BadRequest || failure.permanent()) {
      String reasons = error.reasons.strip().toLowerCase(Locale.ROOT);
      return new Denied(
          reasons.isEmpty() ? "status " + answer.status() : reasons,
          "the operator must check the settings of the OAuth client.");
    }
    return failure instanceof Malformed
        ? failure
        : new Unavailable("the token endpoint answered " + answer.status() + ".");
  }

  private GoogleFailure refusedRefresh(ErrorBody error) {
    if (error.has("invalid_grant")) {
      return new DeadGrant("the grant has expired or was revoked.");
    }
    for (String reason : List.of("access_denied", "admin_policy_enforced")) {
      if (error.has(reason)) {
        return new DeadGrant("Google no longer lets this client in (" + reason + ").");
      }
    }
    return ofClient(error);
  }

  private static GoogleFailure ofClient(ErrorBody error) {
    for (String reason :
        List.of("invalid_client", "unauthorized_client", "deleted_client", "disabled_client")) {
      if (error.has(reason)) {
        return new Misconfigured(
            "Google does not accept the OAuth client ("
                + reason
                + "); the operator must check google.clientId and its secret.");
      }
    }
    return null;
  }

  /** Of an assertion: what is wrong with the user ends a grant, what is wrong with the key none. */
  private static GoogleFailure refused(ErrorBody error, ServiceAccount account, String email) {
    if (error.has("unauthorized_client") || error.has("access_denied")) {
      return new DeadGrant(
          "the service account %s may not act for it. In the Admin console, under Security, API controls, Domain-wide delegation, allow client %s the scope %s; then run: millrace connect --service-account --email %s"
              .formatted(
                  account.email(),
                  account.clientId().isEmpty() ? account.email() : account.clientId(),
                  Scopes.MAIL,
                  email));
    }
    boolean assertion = error.message.startsWith("Invalid JWT");
    if (error.has("invalid_grant") && !assertion) {
      return new DeadGrant(
          "Google knows no active user %s in the service account's domain (%s). Check the address, then run: millrace connect --service-account --email %s"
              .formatted(email, ErrorBody.clean(error.message, 120), email));
    }
    if (assertion || error.has("invalid_client") || error.has("disabled_client")) {
      return new Misconfigured(
          "Google does not accept the service account's key (%s); the operator must check google.serviceAccountFile and this machine's clock."
              .formatted(ErrorBody.clean(error.message, 120)));
    }
    return null;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
