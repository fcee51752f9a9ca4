package io.millrace.google;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * Proof that who exchanges a code is who asked for it (RFC 7636): the page is shown a hash of what
 * only the asker knows.
 *
 * @param verifier never shown
 */
record Pkce(String verifier) {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

  /** 256 random bits, fit for a URL. */
  static String random() {
    byte[] bits = new byte[32];
    RANDOM.nextBytes(bits);
    return BASE64URL.encodeToString(bits);
  }

  /** By the method S256. */
  String challenge() {
    try {
      byte[] ascii = verifier.getBytes(StandardCharsets.US_ASCII);
      return BASE64URL.encodeToString(MessageDigest.getInstance("SHA-256").digest(ascii));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "Pkce[hidden]";
  }
}
