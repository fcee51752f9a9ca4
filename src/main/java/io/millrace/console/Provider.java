package io.millrace.console;

import io.millrace.google.SignedTokens;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Speaks to an OpenID Connect provider: where to send a browser, and who has come back. Belongs to
 * one event loop.
 *
 * <p>An identity token counts if it is signed with a key that the provider publishes, and made by
 * it for us, for this login and for now.
 */
final class Provider {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final long LEEWAY_S = 60;
  private static final int MOST_BYTES = 256 * 1024;
  private static final long KEEP_NS = Duration.ofHours(1).toNanos();

  private final Vertx vertx;
  private final HttpClient http;
  private final AccessSettings.Provider settings;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private JsonObject document;
  private URI keysAt;
  private SignedTokens tokens;
  private long documentUntil;

  Provider(Vertx vertx, AccessSettings.Provider settings, InstantSource clock, LongSupplier nanos) {
    this.vertx = vertx;
    this.http =
        vertx.createHttpClient(
            new HttpClientOptions().setConnectTimeout((int) TIMEOUT.toMillis()),
            new PoolOptions().setHttp1MaxSize(4).setMaxWaitQueueSize(100));
    this.settings = settings;
    this.clock = clock;
    this.nanos = nanos;
  }

  /** The page on which somebody logs in. */
  Future<String> page(String redirect, String state, String nonce, String verifier) {
    return document()
        .map(
            told ->
                told.getString("authorization_endpoint")
                    + "?"
                    + form(
                        Map.of(
                            "response_type",
                            "code",
                            "client_id",
                            settings.clientId(),
                            "redirect_uri",
                            redirect,
                            "scope",
                            "openid email",
                            "state",
                            state,
                            "nonce",
                            nonce,
                            "code_challenge",
                            Digest.base64url(verifier),
                            "code_challenge_method",
                            "S256")));
  }

  /**
   * Who has logged in.
   *
   * @return the address in lower case; fails with a problem if the provider does not tell one
   */
  Future<String> email(String code, String redirect, String nonce, String verifier) {
    return document()
        .compose(
            told ->
                ask(
                    HttpMethod.POST,
                    told.getString("token_endpoint"),
                    form(
                        Map.of(
                            "grant_type",
                            "authorization_code",
                            "code",
                            code,
                            "redirect_uri",
                            redirect,
                            "client_id",
                            settings.clientId(),
                            "client_secret",
                            settings.clientSecret(),
                            "code_verifier",
                            verifier))))
        .compose(answer -> claims(answer.getValue("id_token")))
        .map(claims -> address(claims, nonce));
  }

  private Future<JsonObject> claims(Object token) {
    return tokens
        .claims(token instanceof String text ? text : null)
        .recover(e -> Future.failedFuture(unusable()))
        .map(
            read ->
                read.orElseThrow(
                    () -> refused("The provider's identity token is not signed by the provider.")));
  }

  private String address(JsonObject claims, String nonce) {
    long now = clock.instant().getEpochSecond();
    boolean current =
        claims.getValue("exp") instanceof Number end && end.longValue() > now - LEEWAY_S;
    boolean ours =
        settings.issuer().toString().equals(claims.getValue("iss"))
            && isFor(claims.getValue("aud"), claims.getValue("azp"))
            && claims.getValue("nonce") instanceof String said
            && Digest.same(said, nonce);
    if (!current || !ours) {
      throw refused("The provider's identity token is not for this login.");
    }
    if (!(claims.getValue("email") instanceof String email)
        || email.isBlank()
        || Boolean.FALSE.equals(claims.getValue("email_verified"))) {
      throw refused("The provider tells no verified address.");
    }
    return email.strip().toLowerCase(Locale.ROOT);
  }

  /** One that is for several says to which of them it was given. */
  private boolean isFor(Object audience, Object party) {
    String own = settings.clientId();
    boolean given = party == null ? !(audience instanceof JsonArray) : own.equals(party);
    return audience instanceof JsonArray several
        ? several.contains(own) && (given || several.size() == 1)
        : own.equals(audience) && given;
  }

  private static ProblemException refused(String sentence) {
    return new Problem(403, "login_refused", sentence).exception();
  }

  private Future<JsonObject> document() {
    if (document != null && nanos.getAsLong() - documentUntil < 0) {
      return Future.succeededFuture(document);
    }
    String issuer = settings.issuer().toString();
    String url = issuer.replaceFirst("/$", "") + "/.well-known/openid-configuration";
    return ask(HttpMethod.GET, url, null)
        .map(
            told -> {
              if (!issuer.equals(told.getString("issuer"))
                  || !safe(told.getString("authorization_endpoint"))
                  || !safe(told.getString("token_endpoint"))
                  || !safe(told.getString("jwks_uri"))) {
                throw unusable();
              }
              published(URI.create(told.getString("jwks_uri")));
              document = told;
              documentUntil = nanos.getAsLong() + KEEP_NS;
              return told;
            });
  }

  private void published(URI keys) {
    if (!keys.equals(keysAt)) {
      if (tokens != null) {
        tokens.close();
      }
      tokens = new SignedTokens(vertx, keys, nanos);
      keysAt = keys;
    }
  }

  /** Over TLS, except where the provider is on this machine, as in tests. */
  private boolean safe(String endpoint) {
    return endpoint != null
        && (endpoint.startsWith("https://") || settings.issuer().getScheme().equals("http"));
  }

  private static ProblemException unusable() {
    return new Problem(502, "provider_away", "The login provider does not answer as it should.")
        .exception();
  }

  private Future<JsonObject> ask(HttpMethod method, String url, String form) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(method)
            .setAbsoluteURI(URI.create(url).toString())
            .setFollowRedirects(false)
            .putHeader("Accept", "application/json");
    if (form != null) {
      options.putHeader("Content-Type", "application/x-www-form-urlencoded");
    }
    return http.request(options)
        .compose(
            request ->
                request
                    .send(form == null ? Buffer.buffer() : Buffer.buffer(form))
                    .compose(
                        response ->
                            response.statusCode() == 200
                                ? response.body()
                                : Future.<Buffer>failedFuture(unusable()))
                    .timeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .onFailure(e -> request.reset()))
        .map(
            body -> {
              if (body.length() > MOST_BYTES) {
                throw unusable();
              }
              return new JsonObject(body);
            })
        .recover(
            e -> Future.failedFuture(e instanceof ProblemException ? e : (Throwable) unusable()));
  }

  private static String form(Map<String, String> values) {
    return values.entrySet().stream()
        .map(e -> e.getKey() + "=" + URLEncoder.encode(e.getValue(), StandardCharsets.UTF_8))
        .sorted()
        .collect(Collectors.joining("&"));
  }

  Future<Void> close() {
    return tokens == null ? http.close() : Future.join(http.close(), tokens.close()).mapEmpty();
  }
}
