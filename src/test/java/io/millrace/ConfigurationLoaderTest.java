package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.EngineSettings;
import io.millrace.engine.KindSettings;
import io.millrace.engine.UpkeepSettings;
import io.millrace.google.MessageFormat;
import io.millrace.google.QuotaProfile;
import io.millrace.limit.BreakerSettings;
import io.millrace.limit.ConcurrencySettings;
import io.millrace.limit.MemorySettings;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.Level;

class ConfigurationLoaderTest {
  private static final String KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

  @TempDir Path directory;

  @Test
  void defaultsAreTheDocumentedOnes() {
    Configuration c = new ConfigurationLoader(Map.of()).heap(1L << 30).load();
    assertEquals(QuotaProfile.Y2026_05, c.profile());
    assertEquals(c.profile().limits(), c.quota().limits());
    assertEquals(Duration.ofMillis(400), c.quota().jitter());
    assertEquals("America/Los_Angeles", c.quota().dayZone().getId());
    assertEquals(URI.create("https://gmail.googleapis.com/"), c.google().rootUrl());
    assertEquals(MessageFormat.FULL, c.gmail().format());
    assertEquals(50L << 20, c.gmail().inflightBytes());
    assertEquals(
        new KindSettings(1000, Duration.ofMinutes(10), 5), c.engine().kind("google_gmail_sync"));
    assertEquals(
        new ConcurrencySettings(15, 5, 25, 0.15, 0.05, 20, Duration.ofSeconds(10)),
        c.concurrency());
    assertEquals(new MemorySettings(0.75, 0.8, 0.9, Duration.ofSeconds(1)), c.memory());
    assertEquals(BreakerSettings.DEFAULT, c.google().breaker());
    assertEquals(UpkeepSettings.DEFAULT, c.upkeep());
    assertEquals(
        new KindSettings(8, Duration.ofMinutes(2), 5, true),
        c.engine().kind("normalize_google_email"));
    assertEquals(EngineSettings.DEFAULT_KIND, c.engine().kind("another"));
    assertNull(c.database().uri());
    assertEquals(Path.of("data"), c.database().directory());
    assertEquals(8080, c.console().port());
    assertEquals(new LogSettings(LogSettings.Format.AUTO, Level.INFO), c.log());
    assertEquals(1.0, c.timeScale());
  }

  @Test
  void laterLayersWin() throws IOException {
    Path file = file("{\"gmail\":{\"pageSize\":100,\"writeBatch\":10,\"batchParts\":7}}");
    Configuration c =
        new ConfigurationLoader(
                Map.of("MILLRACE_GMAIL_PAGE_SIZE", "200", "MILLRACE_GMAIL_WRITE_BATCH", "20"))
            .preset("gmail.batchParts", 3)
            .preset("gmail.messageAttempts", 4)
            .file(file)
            .overrides(Map.of("gmail.pageSize", 300))
            .load();
    assertEquals(300, c.gmail().pageSize());
    assertEquals(20, c.gmail().writeBatch());
    assertEquals(7, c.gmail().batchParts());
    assertEquals(4, c.gmail().messageAttempts());
  }

  @Test
  void aSmallHeapBoundsTheBytesInFlight() {
    Configuration c = new ConfigurationLoader(Map.of()).heap(40L << 20).load();
    assertEquals(10L << 20, c.gmail().inflightBytes());
    assertEquals(10L << 20, c.gmail().maxResponseBytes());
  }

  @Test
  void everyFaultIsToldAtOnceWithItsSource() throws IOException {
    Path file =
        file("{\"gmail\":{\"pageSise\":500,\"format\":\"raw\"},\"console\":{\"port\":\"80\"}}");
    assertEquals(
        "Configuration refused, 4 faults:\n"
            + ("  F: gmail.pageSise = 500: no such key; did you mean gmail.pageSize?\n"
                + "  F: gmail.format = \"raw\": must be one of minimal, metadata, full (how much of"
                + " each message is fetched)\n"
                + "  F: console.port = \"80\": must be a whole number from 0 to 65535 (the port, 0"
                + " for any free one)\n"
                + "  MILLRACE_ENGINE_POLL_MS: engine.pollMs = 5: must be a whole number from 10 to"
                + " 60000 (milliseconds between two looks for work when nothing wakes the"
                + " claimer)"),
        refusal(new ConfigurationLoader(Map.of("MILLRACE_ENGINE_POLL_MS", "5")).file(file), file));
  }

  @Test
  void malformedJsonIsToldByLineAndColumn() throws IOException {
    Path file = file("{\n  \"gmail\": {,}\n}");
    assertTrue(
        refusal(file)
            .startsWith("Configuration refused: F, line 2, column 13: not JSON: Unexpected"),
        refusal(file));
    Path twice = file("{\"engine\":{},\n\"engine\":{}}");
    assertEquals(
        "Configuration refused: F, line 2, column 9: not JSON: Duplicate field 'engine'",
        refusal(twice));
    assertEquals("Configuration refused: F: must be a JSON object", refusedText("[1]"));
    assertEquals("Configuration refused: F is empty", refusedText(""));
    assertFalse(refusedText("{\"a\": hunter2}").contains("hunter2"));
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    Path missing = directory.resolve("no.json");
    assertEquals("The configuration file F does not exist", refusal(missing));
    assertEquals("The configuration file F is a directory", refusal(directory));
  }

  @Test
  void unknownSectionsAndMisplacedKeysAreExplained() throws IOException {
    assertEquals(
        "Configuration refused: F: gmial = {…}: no such key; did you mean gmail?",
        refusedText("{\"gmial\":{\"a\":1}}"));
    assertEquals(
        "Configuration refused: F: gmail.poolSize = 5: no such key; did you mean"
            + " database.poolSize?",
        refusedText("{\"gmail\":{\"poolSize\":5}}"));
    assertEquals(
        "Configuration refused: F: lease.zzzzzzzz = 5: no such key; valid here: ms, heartbeatMs",
        refusedText("{\"lease\":{\"zzzzzzzz\":5}}"));
    assertEquals(
        "Configuration refused: F: gmail = 5: must be a JSON object (how mailboxes are read)",
        refusedText("{\"gmail\":5}"));
  }

  @Test
  void secretsInFilesAreRefusedAndNotRepeated() throws IOException {
    String text =
        refusedText(
            "{\"google\":{\"clientSecret\":\"canary-1\"},\"database\":{\"password\":\"canary-2\","
                + "\"uri\":\"postgresql://me:canary-3@localhost/db\"}}");
    assertEquals(
        "Configuration refused, 3 faults:\n"
            + "  F: google.clientSecret = (hidden): a secret does not belong here; put it into the"
            + " environment as MILLRACE_GOOGLE_CLIENT_SECRET or into a file of its own, named by"
            + " google.clientSecretFile\n"
            + "  F: database.password = (hidden): a secret does not belong here; put it into the"
            + " environment as MILLRACE_DATABASE_PASSWORD or into a file of its own, named by"
            + " database.passwordFile\n"
            + "  F: database.uri = \"postgresql://me:***@localhost/db\": a password does not belong"
            + " into a URL; put it into the environment as MILLRACE_DATABASE_PASSWORD or into a"
            + " file of its own, named by database.passwordFile",
        text);
    for (String uri :
        List.of(
            "postgresql://me:canary/x@h/db",
            "postgresql://me:can@ry@h/db?x=canary",
            "postgresql://h/db?password=canary",
            "postgresql://h/db?sslpassword=canary")) {
      String refused = refusedText("{\"database\":{\"uri\":\"" + uri + "\"}}");
      assertFalse(refused.contains("password=canary") || refused.contains("me:can"), refused);
      assertTrue(refused.contains("a password does not belong into a URL"), refused);
    }
  }

  @Test
  void secretsComeFromTheEnvironmentOrFilesAndAreNeverShown() throws IOException {
    Path secret = directory.resolve("secret");
    Files.writeString(secret, "canary-file\n");
    Configuration c =
        new ConfigurationLoader(
                Map.of(
                    "MILLRACE_GOOGLE_CLIENT_SECRET_FILE",
                    secret.toString(),
                    "MILLRACE_DATABASE_PASSWORD",
                    "canary-password",
                    "MILLRACE_DATABASE_URI",
                    "postgresql://me@localhost/db",
                    "APP_ENCRYPTION_KEY",
                    KEY))
            .load();
    assertEquals("canary-file", c.google().clientSecret());
    assertEquals("canary-password", c.database().password());
    assertEquals(KEY, c.encryptionKey().orElseThrow().reveal());
    String shown = c.toString() + c.google() + c.database() + c.encryptionKey();
    assertFalse(shown.contains("canary") || shown.contains(KEY), shown);
    assertNull(c.database().directory());
  }

  @Test
  void aSecretThatCannotBeReadIsAFault() {
    assertEquals(
        "Configuration refused, 2 faults:\n"
            + "  database.passwordFile: The database password file /no/such does not exist\n"
            + "  APP_ENCRYPTION_KEY: an encryption key is 32 random bytes in base64; make one with:"
            + " openssl rand -base64 32",
        refusal(
            Map.of("MILLRACE_DATABASE_PASSWORD_FILE", "/no/such", "APP_ENCRYPTION_KEY", "short")));
  }

  @Test
  void aServiceAccountsKeyThatCannotBeUsedIsAFault() throws IOException {
    Path key = directory.resolve("key.json");
    Files.writeString(key, "{\"installed\":{\"client_secret\":\"canary\"}}");
    assertEquals(
        "Configuration refused, 2 faults:\n"
            + "  APP_ENCRYPTION_KEY_PREVIOUS: an encryption key is 32 random bytes in base64; make"
            + " one with: openssl rand -base64 32\n"
            + "  google.serviceAccountFile: The service account key file "
            + key
            + " is that of an OAuth client; a service account's key is needed",
        refusal(
            Map.of(
                "MILLRACE_GOOGLE_SERVICE_ACCOUNT_FILE",
                key.toString(),
                "APP_ENCRYPTION_KEY_PREVIOUS",
                "short")));
    assertEquals(
        "Configuration refused: google.serviceAccountFile: The service account key file /no/such does not exist",
        refusal(Map.of("MILLRACE_GOOGLE_SERVICE_ACCOUNT_FILE", "/no/such")));
  }

  @Test
  void anExternalDatabaseNeedsAKey() {
    Configuration c =
        new ConfigurationLoader(Map.of("MILLRACE_DATABASE_URI", "postgresql://me@h/db")).load();
    assertTrue(
        assertThrows(ExitException.class, c::requireEncryptionKey)
            .getMessage()
            .startsWith("APP_ENCRYPTION_KEY or APP_ENCRYPTION_KEY_FILE must be set"));
  }

  @Test
  void aProfileOfOnesOwnIsComplete() throws IOException {
    String limits =
        "\"limits\":{\"userPerMinute\":600,\"projectPerMinute\":0,\"projectPerDay\":0,"
            + "\"inFlightPerUser\":3}";
    String prices =
        "\"prices\":{\"profile\":1,\"list\":5,\"history\":2,\"get\":7,\"thread\":40,"
            + "\"attachment\":20}";
    String text = "{\"quota\":{\"profile\":\"mine\",\"profiles\":{\"mine\":{%s}}}}";
    Configuration c =
        new ConfigurationLoader(Map.of()).file(file(text.formatted(limits + "," + prices))).load();
    assertEquals("mine", c.profile().name());
    assertEquals(7, c.profile().prices().get());
    assertEquals(600, c.quota().limits().userPerMinute());
    assertEquals(
        "Configuration refused: F: quota.profiles.mine.prices: is missing; it must be a JSON object"
            + " (units for a call)",
        refusedText(text.formatted(limits)));
    assertEquals(
        "Configuration refused: F: quota.profiles.mine.limits.userPerMinute = 30: must be 0 (not"
            + " limited) or at least 41, for the dearest call, of 40 units",
        refusedText(text.formatted(limits.replace("600", "30") + "," + prices)));
    assertEquals(
        "Configuration refused: F: quota.profiles.mine.limits.userPerMinute = 6000: must be 0 (not"
            + " limited) or at least 12400, for the dearest call, of 100 units",
        refusedText(
            text.formatted(limits.replace("600", "6000") + "," + prices.replace(":40", ":100"))));
  }

  String refusedText(String json) throws IOException {
    return refusal(file(json));
  }

  private String refusal(Path file) {
    return refusal(new ConfigurationLoader(Map.of()).file(file), file);
  }

  private static String refusal(Map<String, String> environment) {
    return assertThrows(ExitException.class, new ConfigurationLoader(environment)::load)
        .getMessage();
  }

  private static String refusal(ConfigurationLoader loader, Path file) {
    ExitException e = assertThrows(ExitException.class, loader::load);
    assertEquals(2, e.status());
    return e.getMessage().replace(file.toString(), "F");
  }

  private Path file(String json) throws IOException {
    Path file = Files.createTempFile(directory, "conf", ".json");
    Files.write(file, json.getBytes(StandardCharsets.UTF_8));
    return file;
  }
}
