package io.millrace;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.engine.EngineSettings;
import io.millrace.engine.FailureClass;
import io.millrace.engine.FailurePolicy;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigurationCrossCheckTest {
  @Test
  void keysAgreeWithEachOther() {
    assertEquals(
        "MILLRACE_LEASE_HEARTBEAT_MS: lease.heartbeatMs = 30000: must be at most a third of"
            + " lease.ms, which is 60000 (built-in defaults)",
        refusal("MILLRACE_LEASE_HEARTBEAT_MS", "30000"));
    assertEquals(
        "built-in defaults: gmail.maxResponseBytes = 16777216: must be at most"
            + " gmail.inflightBytes, which is 2000000 (MILLRACE_GMAIL_INFLIGHT_BYTES)",
        refusal("MILLRACE_GMAIL_INFLIGHT_BYTES", "2000000"));
    assertEquals(
        "MILLRACE_QUOTA_YIELD_AFTER_MS: quota.yieldAfterMs = 30000: must be at most gmail.sliceMs,"
            + " which is 20000 (built-in defaults)",
        refusal("MILLRACE_QUOTA_YIELD_AFTER_MS", "30000"));
    assertEquals(
        "built-in defaults: retry.rateLimit.baseMs = 2000: must be at most retry.rateLimit.capMs,"
            + " which is 1000 (MILLRACE_RETRY_RATE_LIMIT_CAP_MS)",
        refusal("MILLRACE_RETRY_RATE_LIMIT_CAP_MS", "1000"));
  }

  @Test
  void whatAKindLeavesOutIsThatOfTheFailure() {
    EngineSettings engine =
        new ConfigurationLoader(
                Map.of(
                    "MILLRACE_RETRY_TRANSIENT_MAX", "7",
                    "MILLRACE_RETRY_DATA_MAX", "2",
                    "MILLRACE_KINDS_EXTRACT_CONTACTS_ATTEMPTS", "3"))
            .load()
            .engine();
    assertEquals(7, engine.kind("google_gmail_sync").attempts());
    assertEquals(3, engine.kind("extract_contacts").attempts());
    assertEquals(2, engine.failures().rule(FailureClass.DATA).max());
    assertEquals(
        FailurePolicy.DEFAULT.rule(FailureClass.QUOTA), engine.failures().rule(FailureClass.QUOTA));
  }

  @Test
  void limitsAndThresholdsAscend() {
    assertEquals(
        "MILLRACE_CONCURRENCY_MIN: concurrency.min = 16: must be at most concurrency.initial, which"
            + " is 15 (built-in defaults)",
        refusal("MILLRACE_CONCURRENCY_MIN", "16"));
    assertEquals(
        "MILLRACE_CONCURRENCY_INITIAL: concurrency.initial = 26: must be at most concurrency.max,"
            + " which is 25 (built-in defaults)",
        refusal("MILLRACE_CONCURRENCY_INITIAL", "26"));
    assertEquals(
        "MILLRACE_CONCURRENCY_ERROR_LOW: concurrency.error.low = 0.2: must be at most"
            + " concurrency.error.high, which is 0.15 (built-in defaults)",
        refusal("MILLRACE_CONCURRENCY_ERROR_LOW", "0.2"));
    assertEquals(
        "MILLRACE_MEMORY_WARN: memory.warn = 0.95: must be at most memory.critical, which is 0.9"
            + " (built-in defaults)",
        refusal("MILLRACE_MEMORY_WARN", "0.95"));
  }

  @Test
  void namesMustExist() {
    assertEquals(
        "MILLRACE_QUOTA_PROFILE: quota.profile = \"legasy\": no such profile; did you mean legacy?",
        refusal("MILLRACE_QUOTA_PROFILE", "legasy"));
    assertEquals(
        "MILLRACE_QUOTA_DAY_ZONE: quota.dayZone = \"America/Los_Angelos\": no such time zone; did"
            + " you mean America/Los_Angeles?",
        refusal("MILLRACE_QUOTA_DAY_ZONE", "America/Los_Angelos"));
    assertEquals(
        "MILLRACE_KINDS_NORMALISE_GOOGLE_EMAIL_SLOTS: kinds.normalise_google_email = {…}: no such"
            + " kind of job; did you mean kinds.normalize_google_email?",
        refusal("MILLRACE_KINDS_NORMALISE_GOOGLE_EMAIL_SLOTS", "3"));
    assertDoesNotThrow(
        () ->
            new ConfigurationLoader(Map.of("MILLRACE_KINDS_EMBED_SLOTS", "3"))
                .kinds(List.of("embed"))
                .load());
  }

  @Test
  void googleItselfIsNeverHurried() {
    assertEquals(
        "MILLRACE_TIME_SCALE: timeScale = 4: must be 1 where google.rootUrl is Google itself, whose"
            + " minutes are not shortened",
        refusal("MILLRACE_TIME_SCALE", "4"));
    assertEquals(
        "MILLRACE_QUOTA_PROFILE: quota.profile = \"unlimited\": is for a simulator; google.rootUrl"
            + " is Google itself",
        refusal("MILLRACE_QUOTA_PROFILE", "unlimited"));
  }

  @Test
  void theConsoleIsForThisMachineOnly() {
    assertEquals(
        "MILLRACE_CONSOLE_HOST: console.host = \"0.0.0.0\": must be 127.0.0.1, ::1 or localhost"
            + " while nobody has to say who they are: set console.tokens or console.oidc.issuer",
        refusal("MILLRACE_CONSOLE_HOST", "0.0.0.0"));
    assertDoesNotThrow(
        () -> new ConfigurationLoader(Map.of("MILLRACE_CONSOLE_HOST", "::1")).load());
  }

  @Test
  void urlsAreUrls() {
    assertEquals(
        "MILLRACE_GOOGLE_ROOT_URL: google.rootUrl = \"http://x\": must be an http or https URL that"
            + " ends in / (the root of the API)",
        refusal("MILLRACE_GOOGLE_ROOT_URL", "http://x"));
    assertEquals(
        "MILLRACE_GOOGLE_TOKEN_URL: google.tokenUrl = \"http://x/{\": is not a URL: Illegal"
            + " character in path at character 10",
        refusal("MILLRACE_GOOGLE_TOKEN_URL", "http://x/{"));
    assertEquals(
        "MILLRACE_DATABASE_URI: database.uri = \"mysql://h/db\": must be a URL such as"
            + " postgresql://user@host:5432/name or null (the database, version 15 or newer; null is"
            + " the embedded one)",
        refusal("MILLRACE_DATABASE_URI", "mysql://h/db"));
  }

  private static String refusal(String name, String value) {
    ConfigurationLoader loader = new ConfigurationLoader(Map.of(name, value));
    return assertThrows(ExitException.class, loader::load)
        .getMessage()
        .replace("Configuration refused: ", "");
  }
}
