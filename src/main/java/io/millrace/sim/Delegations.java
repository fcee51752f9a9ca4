package io.millrace.sim;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One service account that the administrator of the mailboxes' domain lets act for all of them. Its
 * key is made when its file is first asked for, and lives as long as this process. Safe from any
 * thread.
 */
final class Delegations {
  static final String CLIENT_EMAIL = "millrace@simulated.iam.gserviceaccount.com";
  static final String CLIENT_ID = "100000000000000000042";
  private static final String KEY_ID = "5f1e0c0ffee0000000000000000000000000beef";
  private static final String MAIL = "https://www.googleapis.com/auth/gmail.readonly";
  private static final long LONGEST_SECONDS = 3_600;

  /** Of a client's clock against ours. */
  private static final long SKEW_SECONDS = 60;

  /**
   * What came of an assertion.
   *
   * @param mailbox null if it was refused
   * @param status of the answer
   */
  record Outcome(Mailbox mailbox, int status, String error, String description) {
    static Outcome refused(int status, String error, String description) {
      return new Outcome(null, status, error, description);
    }
  }

  private final SimClock clock;
  private final Map<String, String> refusals = new ConcurrentHashMap<>();
  private KeyPair keys;

  Delegations(SimClock clock) {
    this.clock = clock;
  }

  /** The key file, as Google's console gives it. Computes for a while the first time. */
  JsonObject keyFile(String tokenUri) {
    Base64.Encoder lines = Base64.getMimeEncoder(64, new byte[] {'\n'});
    String pem =
        "-----BEGIN PRIVATE KEY-----\n"
            + lines.encodeToString(keys().getPrivate().getEncoded())
            + "\n-----END PRIVATE KEY-----\n";
    return new JsonObject()
        .put("type", "service_account")
        .put("project_id", "simulated")
        .put("private_key_id", KEY_ID)
        .put("private_key", pem)
        .put("client_email", CLIENT_EMAIL)
        .put("client_id", CLIENT_ID)
        .put("token_uri", tokenUri);
  }

  private synchronized KeyPair keys() {
    if (keys == null) {
      try {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        keys = generator.generateKeyPair();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every Java has RSA", e);
      }
    }
    return keys;
  }

  /**
   * What is answered for a mailbox from now on.
   *
   * @param error {@code unauthorized_client}, {@code invalid_grant}, or null for an access token
   */
  void refuse(Mailbox mailbox, String error) {
    if (error == null) {
      refusals.remove(mailbox.account().email());
    } else if (error.equals("unauthorized_client") || error.equals("invalid_grant")) {
      refusals.put(mailbox.account().email(), error);
    } else {
      throw new IllegalArgumentException("Known errors: unauthorized_client, invalid_grant.");
    }
  }

  /** Looks at an assertion as Google does. */
  Outcome judge(String assertion, String tokenUri, Map<String, Mailbox> mailboxes) {
    String[] parts = assertion == null ? new String[0] : assertion.split("\\.", -1);
    try {
      if (parts.length != 3 || !signed(parts)) {
        return Outcome.refused(400, "invalid_grant", "Invalid JWT Signature.");
      }
      return judge(json(parts[1]), tokenUri, mailboxes);
    } catch (DecodeException | IllegalArgumentException | ClassCastException e) {
      return Outcome.refused(400, "invalid_grant", "Invalid JWT: it cannot be read.");
    }
  }

  private boolean signed(String[] parts) {
    JsonObject header = json(parts[0]);
    if (!"RS256".equals(header.getString("alg")) || !KEY_ID.equals(header.getString("kid"))) {
      return false;
    }
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initVerify(keys().getPublic());
      signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
      return signature.verify(Base64.getUrlDecoder().decode(parts[2]));
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private Outcome judge(JsonObject claims, String tokenUri, Map<String, Mailbox> mailboxes) {
    if (!CLIENT_EMAIL.equals(claims.getString("iss"))) {
      return Outcome.refused(400, "invalid_grant", "Invalid issuer: Not a valid email.");
    }
    if (!tokenUri.equals(claims.getString("aud"))) {
      return Outcome.refused(400, "invalid_grant", "Invalid JWT: Failed audience check.");
    }
    long now = clock.wall().millis() / 1000;
    long issued = claims.getLong("iat", 0L);
    long expires = claims.getLong("exp", 0L);
    if (issued > now + SKEW_SECONDS
        || expires < now - SKEW_SECONDS
        || expires - issued > LONGEST_SECONDS) {
      return Outcome.refused(
          400,
          "invalid_grant",
          "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.");
    }
    List<String> scopes = Arrays.asList(claims.getString("scope", "").split(" "));
    if (!scopes.equals(List.of(MAIL))) {
      return unauthorized();
    }
    Mailbox mailbox = mailboxes.get(claims.getString("sub", ""));
    String refusal = mailbox == null ? "invalid_grant" : refusals.get(mailbox.account().email());
    if (refusal == null) {
      return new Outcome(mailbox, 200, null, null);
    }
    return refusal.equals("unauthorized_client")
        ? unauthorized()
        : Outcome.refused(400, refusal, "Invalid email or User ID");
  }

  private static Outcome unauthorized() {
    return Outcome.refused(
        401,
        "unauthorized_client",
        "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.");
  }

  private static JsonObject json(String part) {
    byte[] bytes = Base64.getUrlDecoder().decode(part);
    return new JsonObject(new String(bytes, StandardCharsets.UTF_8));
  }
}
