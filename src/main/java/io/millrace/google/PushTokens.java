package io.millrace.google;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Tells whether a push comes from our Pub/Sub subscription, by the OpenID Connect token that Google
 * signs for it. Only RS256 with a key that Google publishes counts, whatever the token says of
 * itself. Used on one context.
 */
public final class PushTokens {
  /** What a token is worth. */
  public enum Verdict {
    /** It is ours. */
    GENUINE,
    /** It is none, or is not signed by Google, or is out of date. */
    UNAUTHENTICATED,
    /** Google has signed it, but for somebody else or in somebody else's name. */
    FORBIDDEN
  }

  private static final Set<String> ISSUERS =
      Set.of("https://accounts.google.com", "accounts.google.com");
  private static final Duration LEEWAY = Duration.ofMinutes(1);
  private static final int LONGEST = 8 * 1024;

  private final Vertx vertx;
  private final PushSettings settings;
  private final SigningKeys keys;
  private final InstantSource clock;

  /**
   * @param clock against which tokens expire
   * @param nanos a clock that never goes back, for how long keys are kept
   */
  public PushTokens(Vertx vertx, PushSettings settings, InstantSource clock, LongSupplier nanos) {
    this.vertx = vertx;
    this.settings = settings;
    this.keys = new SigningKeys(vertx, settings.jwksUri(), nanos);
    this.clock = clock;
  }

  /**
   * Judges the value of an Authorization header.
   *
   * @param authorization null if there was none
   * @return fails if it cannot be told now, since Google's keys cannot be had
   */
  public Future<Verdict> judge(String authorization) {
    String token = bearer(authorization);
    String key = token == null ? null : key(token);
    if (key == null) {
      return Future.succeededFuture(Verdict.UNAUTHENTICATED);
    }
    return keys.find(key)
        .compose(
            found ->
                found.isEmpty()
                    ? Future.succeededFuture(Verdict.UNAUTHENTICATED)
                    : judge(found.get(), token));
  }

  private Future<Verdict> judge(JWTAuth key, String token) {
    // Not on the event loop: the first use loads much. In order, as a key is for one at a time.
    return vertx
        .executeBlocking(() -> key.authenticate(new TokenCredentials(token)))
        .compose(authenticated -> authenticated)
        .map(user -> user.attributes().getJsonObject("accessToken"))
        .transform(
            signed ->
                Future.succeededFuture(
                    signed.failed() ? Verdict.UNAUTHENTICATED : claims(signed.result())));
  }

  private Verdict claims(JsonObject claims) {
    long now = clock.instant().getEpochSecond();
    long leeway = LEEWAY.toSeconds();
    boolean current =
        claims.getValue("exp") instanceof Number expires
            && expires.longValue() > now - leeway
            && claims.getValue("iat") instanceof Number issued
            && issued.longValue() <= now + leeway;
    if (!current
        || !(claims.getValue("iss") instanceof String issuer && ISSUERS.contains(issuer))) {
      return Verdict.UNAUTHENTICATED;
    }
    boolean ours =
        settings.audience().equals(claims.getValue("aud"))
            && claims.getValue("email") instanceof String email
            && settings.serviceAccount().equalsIgnoreCase(email)
            && Boolean.TRUE.equals(claims.getValue("email_verified"));
    return ours ? Verdict.GENUINE : Verdict.FORBIDDEN;
  }

  private static String bearer(String authorization) {
    boolean bearer =
        authorization != null
            && authorization.length() <= LONGEST
            && authorization.regionMatches(true, 0, "Bearer ", 0, 7);
    return bearer ? authorization.substring(7).strip() : null;
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

  /** Closes the connection to Google. */
  public Future<Void> close() {
    return keys.close();
  }
}
