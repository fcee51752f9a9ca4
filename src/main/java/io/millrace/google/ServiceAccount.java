package io.millrace.google;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/**
 * A service account with domain-wide delegation: signs the assertions by which it asks for access
 * to the mailboxes of a domain. Immutable.
 */
public final class ServiceAccount {
  private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();
  private static final Duration LIFE = Duration.ofHours(1);
  private static final int LEAST_BITS = 2048;

  /** Google takes no assertion from the future: a clock that is a little ahead does no harm. */
  private static final Duration AHEAD = Duration.ofSeconds(30);

  private final String email;
  private final String clientId;
  private final String keyId;
  private final PrivateKey key;

  private ServiceAccount(String email, String clientId, String keyId, PrivateKey key) {
    this.email = email;
    this.clientId = clientId;
    this.keyId = keyId;
    this.key = key;
  }

  /**
   * Reads the JSON key that Google's console gives.
   *
   * @throws IllegalArgumentException with what is wrong with it, as the end of a sentence; never
   *     with anything of the key
   */
  public static ServiceAccount parse(String json) {
    Map<String, String> fields = fields(json);
    String type = fields.getOrDefault("type", "");
    if (!type.equals("service_account")) {
      throw new IllegalArgumentException(
          fields.containsKey("installed") || fields.containsKey("web")
              ? "is that of an OAuth client; a service account's key is needed"
              : "is no key of a service account: \"type\" must be \"service_account\"");
    }
    return new ServiceAccount(
        required(fields, "client_email"),
        fields.getOrDefault("client_id", ""),
        required(fields, "private_key_id"),
        key(required(fields, "private_key")));
  }

  private static Map<String, String> fields(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    Map<String, String> fields = new HashMap<>();
    try (JsonParser p = Json.parser(bytes, 0, bytes.length)) {
      if (p.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("is no JSON object");
      }
      while (p.nextToken() == JsonToken.FIELD_NAME) {
        String name = p.currentName();
        p.nextToken();
        String text = Json.text(p);
        fields.put(name, text == null ? "" : text);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("is no JSON: it must be the key file as downloaded", e);
    }
    return fields;
  }

  private static String required(Map<String, String> fields, String name) {
    String value = fields.getOrDefault(name, "");
    if (value.isBlank()) {
      throw new IllegalArgumentException("has no \"" + name + "\"");
    }
    return value;
  }

  private static PrivateKey key(String pem) {
    String body =
        pem.replace("-----BEGIN PRIVATE KEY-----", "")
            .replace("-----END PRIVATE KEY-----", "")
            .replaceAll("\\s", "");
    try {
      PrivateKey key =
          KeyFactory.getInstance("RSA")
              .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body)));
      if (!(key instanceof RSAPrivateKey rsa) || rsa.getModulus().bitLength() < LEAST_BITS) {
        throw new IllegalArgumentException(
            "has a \"private_key\" of fewer than " + LEAST_BITS + " bits");
      }
      return key;
    } catch (IllegalArgumentException e) {
      throw e.getMessage().startsWith("has ") ? e : unreadable();
    } catch (GeneralSecurityException e) {
      throw unreadable();
    }
  }

  /** Without a cause: that could quote the key. */
  private static IllegalArgumentException unreadable() {
    return new IllegalArgumentException(
        "has a \"private_key\" that cannot be read: it must be an RSA key in PKCS#8 PEM");
  }

  /** Its own address. */
  public String email() {
    return email;
  }

  /** The number that the domain's administrator enters; empty if the file does not tell. */
  public String clientId() {
    return clientId;
  }

  /**
   * A signed assertion, good for an hour. Takes a millisecond of computing.
   *
   * @param user the mailbox's address
   * @param audience the token endpoint
   */
  String assertion(String user, String scope, URI audience, Instant now) {
    long issued = now.minus(AHEAD).getEpochSecond();
    JsonObject header = new JsonObject().put("alg", "RS256").put("typ", "JWT").put("kid", keyId);
    JsonObject claims =
        new JsonObject()
            .put("iss", email)
            .put("sub", user)
            .put("scope", scope)
            .put("aud", audience.toString())
            .put("iat", issued)
            .put("exp", issued + LIFE.toSeconds());
    String signed = encoded(header) + "." + encoded(claims);
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key);
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + "." + BASE64URL.encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the service account's key cannot sign", e);
    }
  }

  private static String encoded(JsonObject part) {
    return BASE64URL.encodeToString(part.encode().getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "ServiceAccount[" + email + "]";
  }
}
