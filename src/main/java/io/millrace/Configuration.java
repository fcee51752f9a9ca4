package io.millrace;

import io.millrace.console.ConsoleSettings;
import io.millrace.console.OpsSettings;
import io.millrace.engine.EngineSettings;
import io.millrace.engine.UpkeepSettings;
import io.millrace.google.AccountSettings;
import io.millrace.google.GoogleSettings;
import io.millrace.google.PushSettings;
import io.millrace.google.QuotaProfile;
import io.millrace.limit.ConcurrencySettings;
import io.millrace.limit.MemorySettings;
import io.millrace.limit.QuotaSettings;
import io.millrace.pipeline.AttachmentSettings;
import io.millrace.pipeline.GmailSettings;
import io.millrace.store.CacheSettings;
import io.millrace.store.Database;
import io.millrace.store.DatabaseSettings;
import io.millrace.store.Schedule;
import io.millrace.store.Vault;
import java.util.List;
import java.util.Optional;

/**
 * All that is configured, checked and complete: what {@link ConfigurationLoader} loads.
 *
 * @param profile what the Google project pays and may spend
 * @param gmail its {@code inflightBytes} is never more than a quarter of the maximal heap
 * @param ops how a running Millrace is watched
 * @param schedules defined at the start; others that the database knows stay
 * @param encryptionKey what stored tokens are encrypted with; empty only with the embedded
 *     database, which has one made
 * @param previousKey the key before it, with which stored tokens may still be encrypted
 * @param timeScale by how much durations that stand for Google's are shortened, 1 to 20; whoever
 *     uses such a duration divides it, no record here is divided already
 */
public record Configuration(
    QuotaProfile profile,
    QuotaSettings quota,
    GoogleSettings google,
    AccountSettings accounts,
    GmailSettings gmail,
    PushSettings push,
    AttachmentSettings attachments,
    CacheSettings cache,
    EngineSettings engine,
    UpkeepSettings upkeep,
    ConcurrencySettings concurrency,
    MemorySettings memory,
    OpsSettings ops,
    List<Schedule> schedules,
    DatabaseSettings database,
    ConsoleSettings console,
    LogSettings log,
    Optional<Secret> encryptionKey,
    Optional<Secret> previousKey,
    double timeScale) {

  /** A copy that speaks to another Google, such as a simulator with accounts of its own. */
  public Configuration withGoogle(GoogleSettings other) {
    return withGoogle(other, accounts);
  }

  /** The same, which also asks owners for consent elsewhere. */
  public Configuration withGoogle(GoogleSettings other, AccountSettings asks) {
    return new Configuration(
        profile,
        quota,
        other,
        asks,
        gmail,
        push,
        attachments,
        cache,
        engine,
        upkeep,
        concurrency,
        memory,
        ops,
        schedules,
        database,
        console,
        log,
        encryptionKey,
        previousKey,
        timeScale);
  }

  /** A copy with another database, such as an embedded one that has been started. */
  public Configuration withDatabase(DatabaseSettings other) {
    return new Configuration(
        profile,
        quota,
        google,
        accounts,
        gmail,
        push,
        attachments,
        cache,
        engine,
        upkeep,
        concurrency,
        memory,
        ops,
        schedules,
        other,
        console,
        log,
        encryptionKey,
        previousKey,
        timeScale);
  }

  /** What encrypts the tokens in a database: with the key set, or with the one that it keeps. */
  Vault vault(Database opened) {
    return new Vault(
        encryptionKey.map(Secret::reveal).orElseGet(opened::keptEncryptionKey),
        previousKey.map(Secret::reveal));
  }

  /** Refuses an external database without a key: tokens in it could not be read again. */
  public Configuration requireEncryptionKey() {
    if (database.uri() != null && encryptionKey.isEmpty()) {
      throw new ExitException(
          "APP_ENCRYPTION_KEY or APP_ENCRYPTION_KEY_FILE must be set for an external database:"
              + " mailbox tokens are stored encrypted. Make a key with: openssl rand -base64 32");
    }
    return this;
  }
}
