package io.millrace.google;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class ServiceAccountTest {
  private static JsonObject file(int bits, String algorithm) throws Exception {
    return file(keys(bits, algorithm));
  }

  private static KeyPair keys(int bits, String algorithm) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  private static JsonObject file(KeyPair keys) {
    return new JsonObject()
        .put("type", "service_account")
        .put("private_key_id", "k1")
        .put(
            "private_key",
            "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(keys.getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n")
        .put("client_email", "sa@p.iam.gserviceaccount.com")
        .put("client_id", "42");
  }

  @Test
  void anAssertionSaysWhoActsForWhomAndIsSigned() throws Exception {
    KeyPair keys = keys(2048, "RSA");
    ServiceAccount account = ServiceAccount.parse(file(keys).encode());
    Instant now = Instant.parse("2026-06-12T19:00:00Z");
    String assertion =
        account.assertion("ann@example.org", "s1", URI.create("https://t.example/token"), now);
    String[] parts = assertion.split("\\.", -1);
    assertEquals(
        new JsonObject().put("alg", "RS256").put("typ", "JWT").put("kid", "k1"), json(parts[0]));
    JsonObject claims = json(parts[1]);
    assertEquals("sa@p.iam.gserviceaccount.com", claims.getString("iss"));
    assertEquals("ann@example.org", claims.getString("sub"));
    assertEquals("s1", claims.getString("scope"));
    assertEquals("https://t.example/token", claims.getString("aud"));
    assertEquals(3_600, claims.getLong("exp") - claims.getLong("iat"));
    assertTrue(claims.getLong("iat") <= now.getEpochSecond());
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initVerify(keys.getPublic());
    signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
    assertTrue(signature.verify(Base64.getUrlDecoder().decode(parts[2])));
    assertEquals("ServiceAccount[sa@p.iam.gserviceaccount.com]", account.toString());
  }

  private static JsonObject json(String part) {
    return new JsonObject(new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8));
  }

  @Test
  void aWrongFileIsRefusedWithASentenceAndShowsNothingOfTheKey() throws Exception {
    JsonObject good = file(2048, "RSA");
    assertRefused("is no JSON: it must be the key file as downloaded", "{\"type\": nonsense");
    assertRefused("is no JSON object", "[]");
    assertRefused(
        "is that of an OAuth client; a service account's key is needed", "{\"installed\":{}}");
    assertRefused(
        "is no key of a service account: \"type\" must be \"service_account\"",
        "{\"type\":\"authorized_user\"}");
    for (String field : new String[] {"client_email", "private_key_id", "private_key"}) {
      JsonObject without = good.copy();
      without.remove(field);
      assertRefused("has no \"" + field + "\"", without.encode());
    }
    String unreadable =
        "has a \"private_key\" that cannot be read: it must be an RSA key in PKCS#8 PEM";
    assertRefused(unreadable, good.copy().put("private_key", "canary!").encode());
    assertRefused(unreadable, good.copy().put("private_key", "Y2FuYXJ5").encode());
    assertRefused(unreadable, file(256, "EC").encode());
    assertRefused("has a \"private_key\" of fewer than 2048 bits", file(1024, "RSA").encode());
  }

  private static void assertRefused(String sentence, String json) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> ServiceAccount.parse(json));
    assertEquals(sentence, e.getMessage());
    assertFalse(e.getMessage().contains("canary"));
  }
}
