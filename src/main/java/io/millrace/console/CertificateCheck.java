package io.millrace.console;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks at the files of a certificate before anything listens, so that a wrong one is told in a
 * sentence and not by the first browser that cannot come in. Reads files: not on an event loop.
 */
final class CertificateCheck {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
  private static final int LONGEST = 1 << 20;

  private CertificateCheck() {}

  /** Fails with {@link ConsoleException} if the server could not prove itself by these files. */
  static void check(ConsoleSettings.Certificate files) {
    X509Certificate certificate = certificate(files.chain());
    PrivateKey key = key(files.key(), certificate.getPublicKey().getAlgorithm());
    if (!together(key, certificate.getPublicKey())) {
      throw wrong(
          "console.keyFile", files.key(), "is not the key of console.certificateFile", null);
    }
  }

  private static X509Certificate certificate(Path file) {
    try {
      byte[] bytes = text("console.certificateFile", file).getBytes(StandardCharsets.US_ASCII);
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(bytes));
    } catch (GeneralSecurityException e) {
      throw wrong(
          "console.certificateFile",
          file,
          "holds no certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----",
          e);
    }
  }

  private static PrivateKey key(Path file, String algorithm) {
    Matcher found = KEY.matcher(text("console.keyFile", file));
    if (!found.find()) {
      throw wrong(
          "console.keyFile",
          file,
          "holds no private key in PEM form, which begins with -----BEGIN PRIVATE KEY-----; openssl pkcs8 -topk8 -nocrypt makes one of another",
          null);
    }
    try {
      byte[] bytes = Base64.getMimeDecoder().decode(found.group(1));
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw wrong(
          "console.keyFile", file, "is not the key of console.certificateFile, or is damaged", e);
    }
  }

  private static boolean together(PrivateKey key, PublicKey other) {
    String name =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> null;
        };
    if (name == null) {
      return true; // Whatever it is, the TLS engine judges it.
    }
    try {
      byte[] something = {1, 2, 3};
      Signature signature = Signature.getInstance(name);
      signature.initSign(key);
      signature.update(something);
      byte[] signed = signature.sign();
      signature.initVerify(other);
      signature.update(something);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static String text(String setting, Path file) {
    try {
      if (Files.size(file) > LONGEST) {
        throw wrong(setting, file, "is larger than any certificate or key", null);
      }
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw wrong(setting, file, "cannot be read (" + e.getClass().getSimpleName() + ")", e);
    }
  }

  private static ConsoleException wrong(String setting, Path file, String what, Throwable cause) {
    return new ConsoleException("%s: %s %s.".formatted(setting, file, what), cause);
  }
}
