package io.millrace.console;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** SHA-256, and random texts that nobody guesses. */
final class Digest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

  private Digest() {}

  static byte[] of(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  static byte[] of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** 64 digits in lower case. */
  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(of(bytes));
  }

  static String hex(String text) {
    return hex(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Of a text's digest, 43 characters that are fit for a URL. */
  static String base64url(String text) {
    return BASE64URL.encodeToString(of(text));
  }

  /** 256 bits, 43 characters that are fit for a URL and a cookie. */
  static String random() {
    byte[] bits = new byte[32];
    RANDOM.nextBytes(bits);
    return BASE64URL.encodeToString(bits);
  }

  /** Whether two texts are the same, in a time that does not tell where they differ. */
  static boolean same(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }
}
