package io.millrace.sim;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;

/**
 * Signs tokens as Google does for Pub/Sub, RS256, and publishes the key. The key is made when it is
 * first needed, which takes a moment: not for an event loop until then. Safe from any thread.
 */
final class TokenSigner {
  static final String ISSUER = "https://accounts.google.com";
  private static final String KEY_ID = "sim-key-1";
  private static final int BITS = 2048;

  private KeyPair pair;

  private synchronized KeyPair pair() {
    if (pair == null) {
      try {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(BITS);
        pair = generator.generateKeyPair();
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
    return pair;
  }

  /** A JSON Web Key Set with the one key. */
  JsonObject keys() {
    RSAPublicKey key = (RSAPublicKey) pair().getPublic();
    return new JsonObject()
        .put(
            "keys",
            new JsonArray()
                .add(
                    new JsonObject()
                        .put("kty", "RSA")
                        .put("use", "sig")
                        .put("alg", "RS256")
                        .put("kid", KEY_ID)
                        .put("n", base64(key.getModulus()))
                        .put("e", base64(key.getPublicExponent()))));
  }

  /** A signed token with these claims. */
  String sign(JsonObject claims) {
    JsonObject header = new JsonObject().put("alg", "RS256").put("kid", KEY_ID).put("typ", "JWT");
    String signed = base64(header) + "." + base64(claims);
    try {
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(pair().getPrivate());
      signature.update(signed.getBytes(StandardCharsets.US_ASCII));
      return signed + "." + base64(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String base64(JsonObject json) {
    return base64(json.encode().getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(BigInteger number) {
    byte[] bytes = number.toByteArray();
    int from = bytes[0] == 0 ? 1 : 0;
    return base64(java.util.Arrays.copyOfRange(bytes, from, bytes.length));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
