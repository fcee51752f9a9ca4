package io.millrace.google;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes tokens as Google would, and as others would. */
public final class TokenForge {
  public static final String AUDIENCE = "https://mail.example.org/push/gmail";
  public static final String ACCOUNT = "pusher@project.iam.gserviceaccount.com";

  private final KeyPair pair;
  private final String id;

  public TokenForge(String id) throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    this.pair = generator.generateKeyPair();
    this.id = id;
  }

  /** The key as Google publishes it. */
  public JsonObject key() {
    RSAPublicKey key = (RSAPublicKey) pair.getPublic();
    return new JsonObject()
        .put("kty", "RSA")
        .put("use", "sig")
        .put("alg", "RS256")
        .put("kid", id)
        .put("n", number(key.getModulus()))
        .put("e", number(key.getPublicExponent()));
  }

  /** A key set of these. */
  public static JsonObject keys(TokenForge... forges) {
    JsonArray keys = new JsonArray();
    for (TokenForge forge : forges) {
      keys.add(forge.key());
    }
    return new JsonObject().put("keys", keys);
  }

  /** Claims that are all right. */
  public static JsonObject claims() {
    long now = Instant.now().getEpochSecond();
    return new JsonObject()
        .put("iss", "https://accounts.google.com")
        .put("aud", AUDIENCE)
        .put("email", ACCOUNT)
        .put("email_verified", true)
        .put("sub", "1")
        .put("iat", now)
        .put("exp", now + 3600);
  }

  /** As Google signs them. */
  public String token(JsonObject claims) throws GeneralSecurityException {
    return signed(new JsonObject().put("alg", "RS256").put("kid", id), claims);
  }

  /** The same with a header of one's own. */
  public String signed(JsonObject header, JsonObject claims) throws GeneralSecurityException {
    String text = encoded(header) + "." + encoded(claims);
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(pair.getPrivate());
    signature.update(text.getBytes(StandardCharsets.US_ASCII));
    return text + "." + base64(signature.sign());
  }

  /** Signed with the published key taken for a secret. */
  public String confused(JsonObject claims, byte[] secret) throws GeneralSecurityException {
    String text =
        encoded(new JsonObject().put("alg", "HS256").put("kid", id)) + "." + encoded(claims);
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    return text + "." + base64(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));
  }

  /** Not signed at all. */
  public String unsigned(JsonObject claims, String algorithm) {
    return encoded(new JsonObject().put("alg", algorithm).put("kid", id))
        + "."
        + encoded(claims)
        + ".";
  }

  /** The published key in its usual form. */
  public byte[] published() {
    return pair.getPublic().getEncoded();
  }

  private static String encoded(JsonObject json) {
    return base64(json.encode().getBytes(StandardCharsets.UTF_8));
  }

  private static String number(BigInteger number) {
    byte[] bytes = number.toByteArray();
    int from = bytes[0] == 0 ? 1 : 0;
    return base64(java.util.Arrays.copyOfRange(bytes, from, bytes.length));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
