package io.millrace.console;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Speaks to an OpenID Connect provider: where to send a browser, and who has come back. Belongs to
 * one event loop.
 *
 * <p>The signature of an identity token is not looked at: it comes from the token endpoint itself,
 * over TLS, which is when OpenID Connect (Core 1.0, 3.1.3.7) allows that; what it claims is.
 */
final class Provider {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final long LEEWAY_S = 60;
  private static final int MOST_BYTES = 256 * 1024;
  private static final long KEEP_NS = Duration.ofHours(1).toNanos();

  private final HttpClient http;
  private final AccessSettings.Provider settings;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private JsonObject document;
  private long documentUntil;

  Provider(Vertx vertx, AccessSettings.Provider settings, InstantSource clock, LongSupplier nanos) {
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
        .map(answer -> claimed(answer.getString("id_token"), nonce));
  }

  private String claimed(String token, String nonce) {
    String[] parts = token == null ? new String[0] : token.split("\\.", -1);
    if (parts.length != 3) {
      throw refused("The provider gave no identity.");
    }
    JsonObject claims;
    try {
      claims =
          new JsonObject(
              new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
    } catch (DecodeException | IllegalArgumentException e) {
      throw refused("The provider's identity token makes no sense.");
    }
    long now = clock.instant().getEpochSecond();
    boolean current =
        claims.getValue("exp") instanceof Number end && end.longValue() > now - LEEWAY_S;
    boolean ours =
        settings.issuer().toString().equals(claims.getValue("iss"))
            && isFor(claims.getValue("aud"))
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

  private boolean isFor(Object audience) {
    return settings.clientId().equals(audience)
        || (audience instanceof JsonArray several && several.contains(settings.clientId()));
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
                  || !safe(told.getString("token_endpoint"))) {
                throw unusable();
              }
              document = told;
              documentUntil = nanos.getAsLong() + KEEP_NS;
              return told;
            });
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
    return http.close();
  }
}
