package io.millrace.google;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys that an issuer such as Google signs its tokens with, fetched when they are needed
 * and kept for as long as it says. However many strange tokens come, it is asked once a minute at
 * the most, and once at a time. Used on one context.
 */
final class SigningKeys {
  private static final Logger log = LoggerFactory.getLogger(SigningKeys.class);
  private static final Pattern MAX_AGE = Pattern.compile("(?i)\\bmax-age\\s*=\\s*\"?(\\d{1,9})");
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int MOST_BYTES = 64 * 1024;
  private static final int MOST_KEYS = 20;
  private static final int LEAST_MODULUS_BYTES = 256;
  private static final long UNSAID_S = 3_600;
  private static final long LEAST_S = 60;
  private static final long MOST_S = 86_400;
  private static final long APART_NS = Duration.ofMinutes(1).toNanos();
  private static final long AFTER_FAILURE_NS = Duration.ofSeconds(5).toNanos();

  private final Vertx vertx;
  private final HttpClient http;
  private final URI uri;
  private final LongSupplier nanos;
  private Map<String, JWTAuth> keys = Map.of();
  private boolean known;
  private long goodUntil;
  private long askAgainAt;
  private Future<Void> fetching;

  /**
   * @param nanos a clock that never goes back
   */
  SigningKeys(Vertx vertx, URI uri, LongSupplier nanos) {
    this.vertx = vertx;
    this.http =
        vertx.createHttpClient(
            new HttpClientOptions().setConnectTimeout((int) TIMEOUT.toMillis()),
            new PoolOptions().setHttp1MaxSize(1).setMaxWaitQueueSize(1));
    this.uri = uri;
    this.nanos = nanos;
    this.askAgainAt = nanos.getAsLong();
  }

  /**
   * What checks signatures of one key.
   *
   * @return empty if the issuer has no such key; fails if the keys cannot be had now
   */
  Future<Optional<JWTAuth>> find(String id) {
    boolean fresh = known && nanos.getAsLong() - goodUntil < 0;
    if (fresh && (keys.containsKey(id) || (fetching == null && resting()))) {
      return Future.succeededFuture(Optional.ofNullable(keys.get(id)));
    }
    if (fetching == null && resting()) {
      return Future.failedFuture("the keys could not be had a moment ago");
    }
    return fetched().map(v -> Optional.ofNullable(keys.get(id)));
  }

  private boolean resting() {
    return nanos.getAsLong() - askAgainAt < 0;
  }

  private Future<Void> fetched() {
    if (fetching == null) {
      fetching =
          fetch()
              .onComplete(
                  done -> {
                    fetching = null;
                    askAgainAt =
                        nanos.getAsLong() + (done.succeeded() ? APART_NS : AFTER_FAILURE_NS);
                    if (done.failed()) {
                      log.warn("the keys at {} cannot be had: {}", uri, done.cause().getMessage());
                    }
                  });
    }
    return fetching;
  }

  private Future<Void> fetch() {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setAbsoluteURI(uri.toString())
            .setFollowRedirects(false)
            .setTimeout(TIMEOUT.toMillis())
            .setIdleTimeout(TIMEOUT.toMillis());
    return http.request(options)
        .compose(
            request ->
                request
                    .send()
                    .compose(this::body)
                    .timeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .onFailure(e -> request.reset()));
  }

  private Future<Void> body(HttpClientResponse response) {
    response.exceptionHandler(e -> log.debug("the keys came in part: {}", e.getMessage()));
    if (response.statusCode() != 200) {
      return Future.failedFuture("it answered " + response.statusCode());
    }
    Buffer body = Buffer.buffer();
    response.handler(
        chunk -> {
          if (body.length() + chunk.length() > MOST_BYTES) {
            response.request().reset();
          } else {
            body.appendBuffer(chunk);
          }
        });
    return response
        .end()
        .compose(v -> vertx.executeBlocking(() -> read(body), false))
        .map(found -> take(found, response.getHeader("Cache-Control")));
  }

  private Void take(Map<String, JWTAuth> found, String cacheControl) {
    keys = found;
    known = true;
    goodUntil = nanos.getAsLong() + TimeUnit.SECONDS.toNanos(seconds(cacheControl));
    return null;
  }

  private Map<String, JWTAuth> read(Buffer body) {
    Map<String, JWTAuth> found = new HashMap<>();
    if (new JsonObject(body).getValue("keys") instanceof JsonArray published) {
      for (Object key : published) {
        if (key instanceof JsonObject json && found.size() < MOST_KEYS) {
          add(json, found);
        }
      }
    }
    if (found.isEmpty()) {
      throw new IllegalStateException("it names no RSA key");
    }
    return Map.copyOf(found);
  }

  /** One that makes no sense must not hide the others. */
  private void add(JsonObject key, Map<String, JWTAuth> found) {
    try {
      String id = key.getString("kid");
      JsonObject plain = signing(key);
      if (id != null && plain != null) {
        found.put(id, checker(plain));
      }
    } catch (RuntimeException e) {
      log.warn("a key at {} makes no sense: {}", uri, e.getMessage());
    }
  }

  /** Checks the signature alone: how long a token lives is held against a clock of ours. */
  private JWTAuth checker(JsonObject key) {
    return JWTAuth.create(
        vertx,
        new JWTAuthOptions().addJwk(key).setJWTOptions(new JWTOptions().setIgnoreExpiration(true)));
  }

  /** As a key for RS256 and nothing else; null if it is not one, or too short. */
  private static JsonObject signing(JsonObject key) {
    boolean rsa =
        "RSA".equals(key.getString("kty"))
            && "RS256".equals(key.getString("alg", "RS256"))
            && "sig".equals(key.getString("use", "sig"));
    String modulus = key.getString("n", "");
    if (!rsa || Base64.getUrlDecoder().decode(modulus).length < LEAST_MODULUS_BYTES) {
      return null;
    }
    return new JsonObject()
        .put("kty", "RSA")
        .put("alg", "RS256")
        .put("use", "sig")
        .put("kid", key.getString("kid"))
        .put("n", modulus)
        .put("e", key.getString("e"));
  }

  private static long seconds(String cacheControl) {
    Matcher matcher = MAX_AGE.matcher(cacheControl == null ? "" : cacheControl);
    long said = matcher.find() ? Long.parseLong(matcher.group(1)) : UNSAID_S;
    return Math.max(LEAST_S, Math.min(MOST_S, said));
  }

  Future<Void> close() {
    return http.close();
  }
}
