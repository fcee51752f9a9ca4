package io.millrace.sim;

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
  private static final double LIFE_SECONDS = 3600;
  private static final int SWEEP_EVERY = 1000;

  private record Access(Mailbox mailbox, long expires) {}

  private final SimClock clock;
  private final Map<String, Mailbox> grants = new ConcurrentHashMap<>();
  private final Map<String, Access> access = new ConcurrentHashMap<>();
  private final Set<String> revoked = ConcurrentHashMap.newKeySet();
  private final AtomicLong serial = new AtomicLong();
  private final long birth;

  Tokens(SimClock clock) {
    this.clock = clock;
    this.birth = clock.wall().millis();
  }

  static String refreshToken(long seed, String email) {
    return "1//" + letters(Hash.of(seed, Hash.of(email), 11), 48);
  }

  void grant(Mailbox mailbox) {
    grants.put(mailbox.account().refreshToken(), mailbox);
  }

  /** Ends a grant for good; its access tokens end with it. */
  void revokeGrant(String refreshToken) {
    revoked.add(refreshToken);
    access.values().removeIf(a -> a.mailbox.account().refreshToken().equals(refreshToken));
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

  /** Answers the token endpoint's form; returns the HTTP status. */
  int answer(Params form, String authorization, JsonOut out) {
    if (!knowsClient(form, authorization)) {
      return error(401, "invalid_client", "The OAuth client was not found.", out);
    }
    if (!"refresh_token".equals(form.get("grant_type"))) {
      String type = form.get("grant_type");
      return error(400, "unsupported_grant_type", "Invalid grant_type: " + type, out);
    }
    String refresh = form.get("refresh_token");
    Mailbox mailbox = refresh == null || revoked.contains(refresh) ? null : grants.get(refresh);
    if (mailbox == null) {
      return error(400, "invalid_grant", "Token has been expired or revoked.", out);
    }
    long life = clock.span(LIFE_SECONDS);
    out.object().field("access_token", issue(mailbox, life));
    out.field("expires_in", Math.max(1, life / 1_000_000_000L));
    out.field("scope", "https://www.googleapis.com/auth/gmail.readonly");
    out.field("token_type", "Bearer").end();
    return 200;
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
