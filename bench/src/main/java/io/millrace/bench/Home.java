package io.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where things are, as {@code bench/run} says. */
final class Home {
  private Home() {}

  /** The directory {@code bench}. */
  static Path directory() {
    return Path.of(System.getProperty("bench.home"));
  }

  /** Millrace's jar, the one that is measured. */
  static Path jar() {
    return Path.of(System.getProperty("bench.jar"));
  }

  /** The programs of the JDK that this process runs on. */
  static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  /** A fresh directory on the disk of the checkout: a file system in memory would flatter. */
  static Path work() throws IOException {
    Path target = Files.createDirectories(directory().resolve("target"));
    return Files.createTempDirectory(target, "work-");
  }
}
