package io.millrace;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.google.ServiceAccount;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where secrets come from: the environment, or files that hold nothing else.
 *
 * @param clientSecret of the OAuth client
 * @param databasePassword of the external database
 * @param redisPassword of the cache's Redis
 * @param webhookSecret signs alerts that are sent
 * @param oidcSecret of the client that the console logs people in with
 * @param encryptionKey of what is stored encrypted
 * @param previousKey of what was stored before the key was changed
 * @param serviceAccount that acts for mailboxes, with its key
 */
record Secrets(
    Optional<Secret> clientSecret,
    Optional<Secret> databasePassword,
    Optional<Secret> redisPassword,
    Optional<Secret> webhookSecret,
    Optional<Secret> oidcSecret,
    Optional<Secret> encryptionKey,
    Optional<Secret> previousKey,
    Optional<ServiceAccount> serviceAccount) {
  static final String CLIENT_SECRET = "MILLRACE_GOOGLE_CLIENT_SECRET";
  static final String DATABASE_PASSWORD = "MILLRACE_DATABASE_PASSWORD";
  static final String REDIS_PASSWORD = "MILLRACE_CACHE_REDIS_PASSWORD";
  static final String WEBHOOK_SECRET = "MILLRACE_ALERTS_WEBHOOK_SECRET";
  static final String OIDC_SECRET = "MILLRACE_CONSOLE_OIDC_CLIENT_SECRET";
  static final String ENCRYPTION_KEY = "APP_ENCRYPTION_KEY";
  static final String ENCRYPTION_KEY_FILE = "APP_ENCRYPTION_KEY_FILE";
  static final String PREVIOUS_KEY = "APP_ENCRYPTION_KEY_PREVIOUS";
  static final String PREVIOUS_KEY_FILE = "APP_ENCRYPTION_KEY_PREVIOUS_FILE";
  private static final int KEY_BYTES = 32;

  private static final Map<String, String> MISPLACED =
      Map.of(
          "google.clientSecret",
          "put it into the environment as "
              + CLIENT_SECRET
              + " or into a file of its own, named by google.clientSecretFile",
          "database.password",
          "put it into the environment as "
              + DATABASE_PASSWORD
              + " or into a file of its own, named by database.passwordFile",
          "cache.redisPassword",
          "put it into the environment as "
              + REDIS_PASSWORD
              + " or into a file of its own, named by cache.redisPasswordFile",
          "alerts.webhookSecret",
          "put it into the environment as "
              + WEBHOOK_SECRET
              + " or into a file of its own, named by alerts.webhookSecretFile",
          "console.oidc.clientSecret",
          "put it into the environment as "
              + OIDC_SECRET
              + " or into a file of its own, named by console.oidc.clientSecretFile",
          "appEncryptionKey",
          "put it into the environment as "
              + ENCRYPTION_KEY
              + " or into a file of its own, named by "
              + ENCRYPTION_KEY_FILE);

  /** Why a value must not stand in a configuration, if it is a secret. */
  static Optional<String> refusal(String path, JsonNode value) {
    String place = MISPLACED.get(path);
    if (place != null) {
      return Optional.of("a secret does not belong here; " + place);
    }
    boolean masked = value.isTextual() && !Redaction.text(value.asText()).equals(value.asText());
    String owner = path.equals("cache.redisUri") ? "cache.redisPassword" : "database.password";
    return masked && (path.endsWith("uri") || path.equals("cache.redisUri"))
        ? Optional.of("a password does not belong into a URL; " + MISPLACED.get(owner))
        : Optional.empty();
  }

  /** Reads them; what cannot be read is added to {@code faults}. The environment goes first. */
  static Secrets read(JsonNode merged, Map<String, String> environment, List<Fault> faults) {
    String clientFile = merged.at("/google/clientSecretFile").textValue();
    String passwordFile = merged.at("/database/passwordFile").textValue();
    String oidcFile = merged.at("/console/oidc/clientSecretFile").textValue();
    String redisFile = merged.at("/cache/redisPasswordFile").textValue();
    return new Secrets(
        find(
            environment,
            CLIENT_SECRET,
            clientFile,
            "google.clientSecretFile",
            "client secret",
            faults),
        find(
            environment,
            DATABASE_PASSWORD,
            passwordFile,
            "database.passwordFile",
            "database password",
            faults),
        find(
            environment,
            REDIS_PASSWORD,
            redisFile,
            "cache.redisPasswordFile",
            "Redis password",
            faults),
        webhook(merged, environment, faults),
        find(
            environment,
            OIDC_SECRET,
            oidcFile,
            "console.oidc.clientSecretFile",
            "OIDC client secret",
            faults),
        key(environment, ENCRYPTION_KEY, ENCRYPTION_KEY_FILE, "encryption key", faults),
        key(environment, PREVIOUS_KEY, PREVIOUS_KEY_FILE, "previous encryption key", faults),
        serviceAccount(merged.at("/google/serviceAccountFile").textValue(), faults));
  }

  /** What is sent elsewhere is signed, or not sent. */
  private static Optional<Secret> webhook(
      JsonNode merged, Map<String, String> environment, List<Fault> faults) {
    String path = "alerts.webhookSecretFile";
    String file = merged.at("/alerts/webhookSecretFile").textValue();
    int before = faults.size();
    Optional<Secret> secret =
        find(environment, WEBHOOK_SECRET, file, path, "webhook secret", faults);
    if (secret.isEmpty()
        && faults.size() == before
        && merged.at("/alerts/webhookUrl").isTextual()) {
      faults.add(
          new Fault(
              "alerts.webhookUrl",
              "",
              "",
              "needs a secret that signs what is sent: set %s or %s"
                  .formatted(WEBHOOK_SECRET, path)));
    }
    return secret;
  }

  private static Optional<Secret> key(
      Map<String, String> environment,
      String variable,
      String fileVariable,
      String what,
      List<Fault> faults) {
    return find(environment, variable, environment.get(fileVariable), fileVariable, what, faults)
        .filter(key -> isKey(key, faults));
  }

  private static Optional<ServiceAccount> serviceAccount(String file, List<Fault> faults) {
    if (file == null || file.isBlank()) {
      return Optional.empty();
    }
    String what = "service account key";
    try {
      return Optional.of(ServiceAccount.parse(ConfigurationFile.secret(Path.of(file), what)));
    } catch (ExitException | InvalidPathException e) {
      faults.add(new Fault("google.serviceAccountFile", "", "", e.getMessage()));
    } catch (IllegalArgumentException e) {
      String sentence = "The %s file %s %s".formatted(what, file, e.getMessage());
      faults.add(new Fault("google.serviceAccountFile", "", "", sentence));
    }
    return Optional.empty();
  }

  /** The same rule as the vault's, told before a database is started. */
  private static boolean isKey(Secret key, List<Fault> faults) {
    try {
      if (Base64.getDecoder().decode(key.reveal()).length == KEY_BYTES) {
        return true;
      }
    } catch (IllegalArgumentException e) {
      // Not base64: the same sentence.
    }
    faults.add(
        new Fault(
            key.source(),
            "",
            "",
            "an encryption key is 32 random bytes in base64; make one with: openssl rand -base64"
                + " 32"));
    return false;
  }

  private static Optional<Secret> find(
      Map<String, String> environment,
      String variable,
      String file,
      String namedBy,
      String what,
      List<Fault> faults) {
    String direct = environment.getOrDefault(variable, "").strip();
    if (!direct.isEmpty()) {
      return Optional.of(new Secret(variable, direct));
    }
    if (file == null || file.isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Secret(file, ConfigurationFile.secret(Path.of(file), what)));
    } catch (ExitException | InvalidPathException e) {
      faults.add(new Fault(namedBy, "", "", e.getMessage()));
      return Optional.empty();
    }
  }
}
