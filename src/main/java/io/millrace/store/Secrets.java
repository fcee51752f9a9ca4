package io.millrace.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/** Secrets that are made once and kept in a file that only its owner can read. */
final class Secrets {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Secrets() {}

  /** The secret in a file; 256 random bits in base64 are written there if there is none. */
  static String kept(Path file) {
    try {
      if (!Files.exists(file)) {
        byte[] bits = new byte[32];
        RANDOM.nextBytes(bits);
        Path fresh =
            Files.createTempFile(
                file.getParent(),
                file.getFileName().toString(),
                ".new",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(fresh, Base64.getEncoder().encode(bits));
        Files.move(fresh, file);
      }
    } catch (FileAlreadyExistsException e) {
      // Made by another thread in between: theirs counts.
    } catch (IOException e) {
      throw new DatabaseException(
          "The secret in %s cannot be kept: %s.".formatted(file, Reason.of(e)), e);
    }
    try {
      return Files.readString(file, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new DatabaseException(
          "The secret in %s cannot be read: %s.".formatted(file, Reason.of(e)), e);
    }
  }
}
