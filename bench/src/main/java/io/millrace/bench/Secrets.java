package io.millrace.bench;

import java.util.Base64;
import java.util.Map;
import java.util.random.RandomGenerator;

/** What a process of Millrace is told by its environment alone. */
final class Secrets {
  private Secrets() {}

  /** A key of its own, and the database's password. */
  static Map<String, String> of(Postgres postgres) {
    byte[] key = new byte[32];
    RandomGenerator.getDefault().nextBytes(key);
    return Map.of(
        "APP_ENCRYPTION_KEY",
        Base64.getEncoder().encodeToString(key),
        "MILLRACE_DATABASE_PASSWORD",
        postgres.password());
  }
}
