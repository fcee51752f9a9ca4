package io.millrace.google;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Tells whether a push comes from our Pub/Sub subscription, by the OpenID Connect token that Google
 * signs for it. Used on one context.
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

  private final PushSettings settings;
  private final SignedTokens tokens;
  private final InstantSource clock;

  /**
   * @param clock against which tokens expire
   * @param nanos a clock that never goes back, for how long keys are kept
   */
  public PushTokens(Vertx vertx, PushSettings settings, InstantSource clock, LongSupplier nanos) {
    this.settings = settings;
    this.tokens = new SignedTokens(vertx, settings.jwksUri(), nanos);
    this.clock = clock;
  }

  /**
   * Judges the value of an Authorization header.
   *
   * @param authorization null if there was none
   * @return fails if it cannot be told now, since Google's keys cannot be had
   */
  public Future<Verdict> judge(String authorization) {
    return tokens
        .claims(bearer(authorization))
        .map(claims -> claims.map(this::claims).orElse(Verdict.UNAUTHENTICATED));
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

  /** Closes the connection to Google. */
  public Future<Void> close() {
    return tokens.close();
  }
}
