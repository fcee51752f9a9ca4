package io.millrace.bench;

import java.nio.file.Files;
import java.nio.file.Path;

/** The corpus of real mail that stands beside the project, if it does. */
final class RealMail {
  private RealMail() {}

  static Path file() {
    String shared = System.getenv("MILLRACE_SHARED");
    Path folder =
        shared == null || shared.isBlank()
            ? Home.directory().resolve("../../shared")
            : Path.of(shared);
    Path mail = folder.resolve("data/mail/mail.mbox.gz").toAbsolutePath().normalize();
    if (!Files.isReadable(mail)) {
      throw new BenchException(
          "There is no real mail at %s: set MILLRACE_SHARED to the folder with data/mail."
              .formatted(mail));
    }
    return mail;
  }
}
