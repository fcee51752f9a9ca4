package io.millrace.google;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Reads identity tokens, and believes none that was not signed with a key that their issuer
 * publishes: by RS256, whatever the token says of itself. What they claim is for others to judge.
 * Used on one context.
 */
public final class SignedTokens {
  private static final int LONGEST = 16 * 1024;

  private final Vertx vertx;
  private final SigningKeys keys;

  /**
   * @param jwksUri where the keys are published
   * @param nanos a clock that never goes back, for how long keys are kept
   */
  public SignedTokens(Vertx vertx, URI jwksUri, LongSupplier nanos) {
    this.vertx = vertx;
    this.keys = new SigningKeys(vertx, jwksUri, nanos);
  }

  /**
   * What a token claims.
   *
   * @param token may be null
   * @return empty if it is none, or not signed as it must be; fails if that cannot be told now,
   *     since the keys cannot be had
   */
  public Future<Optional<JsonObject>> claims(String token) {
    String key = token == null || token.length() > LONGEST ? null : key(token);
    if (key == null) {
      return Future.succeededFuture(Optional.empty());
    }
    return keys.find(key)
        .compose(
            found ->
                found.isEmpty()
                    ? Future.succeededFuture(Optional.empty())
                    : signed(found.get(), token));
  }

  private Future<Optional<JsonObject>> signed(JWTAuth key, String token) {
    // Not on the event loop: the first use loads much. In order, as a key is for one at a time.
    return vertx
        .executeBlocking(() -> key.authenticate(new TokenCredentials(token)))
        .compose(authenticated -> authenticated)
        .map(user -> user.attributes().getJsonObject("accessToken"))
        .transform(
            read ->
                Future.succeededFuture(
                    read.failed() ? Optional.empty() : Optional.ofNullable(read.result())));
  }

  /** The key that a token says it is signed with; null if it is no token of the one kind wanted. */
  private static String key(String token) {
    int dot = token.indexOf('.');
    if (dot <= 0 || token.chars().filter(c -> c == '.').count() != 2) {
      return null;
    }
    try {
      byte[] json = Base64.getUrlDecoder().decode(token.substring(0, dot));
      JsonObject header = new JsonObject(new String(json, StandardCharsets.UTF_8));
      return "RS256".equals(header.getValue("alg"))
              && !header.containsKey("crit")
              && header.getValue("kid") instanceof String id
              && !id.isEmpty()
          ? id
          : null;
    } catch (IllegalArgumentException | DecodeException e) {
      return null;
    }
  }

  /** Closes the connection to where the keys are. */
  public Future<Void> close() {
    return keys.close();
  }
}
