package io.millrace.sim;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Grants and access tokens. Refresh tokens follow from the seed; access tokens are of this process
 * and live an hour of Google's. Safe from any thread.
 */
final class Tokens {
  static final String CLIENT_ID = "123456789012-millrace.apps.googleusercontent.com";
  static final String CLIENT_SECRET = "sim-client-secret";
  private static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  private static final double LIFE_SECONDS = 3600;
  private static final int SWEEP_EVERY = 1000;

  private record Access(Mailbox mailbox, long expires) {}

  private static final String READ = "https://www.googleapis.com/auth/gmail.readonly";

  private final SimClock clock;
  private final Consents consents;
  private final Delegations delegations;
  private final Map<String, Mailbox> mailboxes = new ConcurrentHashMap<>();
  private final Map<String, Mailbox> grants = new ConcurrentHashMap<>();
  private final Map<String, Access> access = new ConcurrentHashMap<>();
  private final Set<String> revoked = ConcurrentHashMap.newKeySet();
  private final AtomicLong serial = new AtomicLong();
  private final long birth;

  Tokens(SimClock clock) {
    this.clock = clock;
    this.consents = new Consents(clock);
    this.delegations = new Delegations(clock);
    this.birth = clock.wall().millis();
  }

  Consents consents() {
    return consents;
  }

  Delegations delegations() {
    return delegations;
  }

  static String refreshToken(long seed, String email) {
    return "1//" + letters(Hash.of(seed, Hash.of(email), 11), 48);
  }

  void grant(Mailbox mailbox) {
    grants.put(mailbox.account().refreshToken(), mailbox);
    mailboxes.put(mailbox.account().email(), mailbox);
  }

  /** Ends what the owner of a mailbox granted, for good; its access tokens end with it. */
  void revokeGrants(Mailbox mailbox) {
    grants.forEach(
        (token, owner) -> {
          if (owner == mailbox) {
            revoked.add(token);
          }
        });
    revokeAccess(mailbox);
  }

  /** Ends all access tokens of a mailbox; the grant lives on. */
  void revokeAccess(Mailbox mailbox) {
    access.values().removeIf(a -> a.mailbox == mailbox);
  }

  void revoke(String accessToken) {
    access.remove(accessToken);
  }

  /** The mailbox that the token of an Authorization header opens, or null. */
  Mailbox opens(String authorization) {
    Access found = access.get(bearer(authorization));
    return found == null || clock.now() - found.expires >= 0 ? null : found.mailbox;
  }

  static String bearer(String authorization) {
    boolean bearer = authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7);
    return bearer ? authorization.substring(7).strip() : "";
  }

  /**
   * Answers the token endpoint's form; returns the HTTP status.
   *
   * @param url of the endpoint, as the client calls it
   */
  int answer(Params form, String authorization, String url, JsonOut out) {
    String type = form.get("grant_type");
    if (JWT_BEARER.equals(type)) {
      Delegations.Outcome outcome = delegations.judge(form.get("assertion"), url, mailboxes);
      return outcome.mailbox() == null
          ? error(outcome.status(), outcome.error(), outcome.description(), out)
          : access(outcome.mailbox(), READ, out).end(200);
    }
    if (!knowsClient(form, authorization)) {
      return error(401, "invalid_client", "The OAuth client was not found.", out);
    }
    if ("authorization_code".equals(type)) {
      Consents.Consent consent = consents.redeem(form);
      return consent == null
          ? error(400, "invalid_grant", "Malformed auth code.", out)
          : consented(consent, out);
    }
    if (!"refresh_token".equals(type)) {
      return error(400, "unsupported_grant_type", "Invalid grant_type: " + type, out);
    }
    String refresh = form.get("refresh_token");
    Mailbox mailbox = refresh == null || revoked.contains(refresh) ? null : grants.get(refresh);
    if (mailbox == null) {
      return error(400, "invalid_grant", "Token has been expired or revoked.", out);
    }
    return access(mailbox, READ, out).end(200);
  }

  /** A refresh token of its own, so that consent after a revocation is worth something. */
  private int consented(Consents.Consent consent, JsonOut out) {
    Mailbox mailbox = consent.mailbox();
    String refresh = "1//" + letters(Hash.of(mailbox.key(), birth, serial.incrementAndGet()), 48);
    grants.put(refresh, mailbox);
    Answer answer = access(mailbox, consent.scope(), out);
    out.field("refresh_token", refresh);
    if (consent.scope().contains("openid")) {
      out.field("id_token", identity(mailbox));
    }
    return answer.end(200);
  }

  /** Beside the access token; nobody has to check a signature of what comes from here itself. */
  private String identity(Mailbox mailbox) {
    long now = clock.wall().millis() / 1000;
    JsonObject claims =
        new JsonObject()
            .put("iss", "https://accounts.google.com")
            .put("aud", CLIENT_ID)
            .put("sub", Long.toUnsignedString(mailbox.key()))
            .put("email", mailbox.account().email())
            .put("email_verified", true)
            .put("iat", now)
            .put("exp", now + 3_600);
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    return encoder.encodeToString("{\"alg\":\"RS256\"}".getBytes(StandardCharsets.US_ASCII))
        + "."
        + encoder.encodeToString(claims.encode().getBytes(StandardCharsets.UTF_8))
        + ".c2ln";
  }

  /** An answer whose first fields are written. */
  private record Answer(JsonOut out) {
    int end(int status) {
      out.end();
      return status;
    }
  }

  private Answer access(Mailbox mailbox, String scope, JsonOut out) {
    long life = clock.span(LIFE_SECONDS);
    out.object().field("access_token", issue(mailbox, life));
    out.field("expires_in", Math.max(1, life / 1_000_000_000L));
    out.field("scope", scope);
    out.field("token_type", "Bearer");
    return new Answer(out);
  }

  private String issue(Mailbox mailbox, long life) {
    long number = serial.incrementAndGet();
    if (number % SWEEP_EVERY == 0) {
      access.values().removeIf(a -> clock.now() - a.expires >= 0);
    }
    String token = "ya29." + letters(Hash.of(mailbox.key(), birth, number), 64);
    access.put(token, new Access(mailbox, clock.now() + life));
    return token;
  }

  private static boolean knowsClient(Params form, String authorization) {
    if (authorization != null && authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
      String expected = CLIENT_ID + ":" + CLIENT_SECRET;
      byte[] encoded = Base64.getEncoder().encode(expected.getBytes(StandardCharsets.UTF_8));
      return authorization.substring(6).equals(new String(encoded, StandardCharsets.US_ASCII));
    }
    return CLIENT_ID.equals(form.get("client_id"))
        && CLIENT_SECRET.equals(form.get("client_secret"));
  }

  private static int error(int status, String error, String description, JsonOut out) {
    out.object().field("error", error).field("error_description", description).end();
    return status;
  }

  private static String letters(long seed, int length) {
    return new Draw(seed).letters(length).replace('+', '-').replace('/', '_');
  }
}
