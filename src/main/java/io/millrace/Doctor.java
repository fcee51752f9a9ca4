package io.millrace;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Examines what Millrace needs, one thing after the other; changes nothing. */
final class Doctor {
  /** A skew above this makes leases and deadlines hard to follow. */
  static final Duration SKEW = Duration.ofSeconds(2);

  /** Of each single call. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Configuration configuration;

  Doctor(Configuration configuration) {
    this.configuration = configuration;
  }

  List<Check> examine() {
    List<Check> checks = new ArrayList<>();
    checks.add(Check.ok("configuration", "quota profile " + configuration.profile().name()));
    checks.add(encryptionKey());
    Vertx vertx = Vertx.vertx(EventLoops.options().setEventLoopPoolSize(1).setWorkerPoolSize(1));
    try {
      DatabaseCheck database = new DatabaseCheck(vertx, configuration.database());
      GoogleCheck google = new GoogleCheck(vertx, configuration.google());
      checks.addAll(await(database.examine(), "database"));
      checks.addAll(await(google.api(), "google"));
      checks.addAll(await(google.tokens(), "token endpoint"));
    } finally {
      await(vertx.close().map(List.of()), "shutdown");
    }
    checks.add(credentials());
    configuration
        .accounts()
        .serviceAccount()
        .ifPresent(account -> checks.add(Check.ok("service account", account.email())));
    return checks;
  }

  private Check encryptionKey() {
    if (configuration.encryptionKey().isPresent()) {
      return Check.ok("encryption key", "from " + configuration.encryptionKey().get().source());
    }
    return configuration.database().uri() == null
        ? Check.ok("encryption key", "none set; one is made for the embedded database")
        : Check.bad(
            "encryption key",
            "set APP_ENCRYPTION_KEY or APP_ENCRYPTION_KEY_FILE; make a key with: openssl rand"
                + " -base64 32");
  }

  private Check credentials() {
    boolean id = !configuration.google().clientId().isEmpty();
    boolean secret = !configuration.google().clientSecret().isEmpty();
    if (id && secret) {
      return Check.ok("client credentials", "google.clientId and its secret are set");
    }
    String missing = id ? "" : "set google.clientId; ";
    String secretMissing =
        secret ? "" : "set MILLRACE_GOOGLE_CLIENT_SECRET or google.clientSecretFile; ";
    return Check.bad(
        "client credentials",
        missing + secretMissing + "both come from the Google Cloud console, under Credentials");
  }

  /** Compares a clock with this machine's. */
  static Check clock(String name, Instant theirs, Instant before, Instant after, Duration grain) {
    Instant ours = before.plus(Duration.between(before, after).dividedBy(2));
    // A clock that tells only whole seconds is, on average, half of one behind what it tells.
    Duration skew = Duration.between(ours, theirs.plus(grain.dividedBy(2)));
    Duration unsure = Duration.between(before, after).dividedBy(2).plus(grain.dividedBy(2));
    String seconds =
        String.format(java.util.Locale.ROOT, "%.1f s", Math.abs(skew.toMillis()) / 1000.0);
    if (skew.abs().minus(unsure).compareTo(SKEW) <= 0) {
      return Check.ok(name, "within " + seconds);
    }
    return Check.bad(
        name,
        "this machine is %s %s; set its clock by NTP"
            .formatted(seconds, skew.isNegative() ? "ahead" : "behind"));
  }

  private static List<Check> await(Future<List<Check>> future, String name) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(3 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      return List.of(Check.bad(name, reason(e.getCause())));
    } catch (TimeoutException e) {
      return List.of(Check.bad(name, "no answer within " + 3 * PATIENCE.toSeconds() + " s"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of(Check.bad(name, "interrupted"));
    }
  }

  /** What went wrong, on one line, without secrets. */
  static String reason(Throwable e) {
    String text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return LogText.cut(Redaction.text(text.replaceAll("\\s+", " ")), 300);
  }
}
