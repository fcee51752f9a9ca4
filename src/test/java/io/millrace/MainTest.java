package io.millrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.core.joran.spi.JoranException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.millrace.google.MessageFormat;
import io.millrace.google.QuotaProfile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MainTest {
  private final CapturedTerminal captured = new CapturedTerminal(false);

  @TempDir Path directory;

  @AfterEach
  void restore() throws JoranException {
    LoggingTest.asBefore();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "demo",
        "run",
        "sim",
        "migrate",
        "connect",
        "rotate-key",
        "doctor",
        "verify",
        "jobs",
        "mailboxes",
        "dead",
        "health"
      })
  void everyCommandHelpsAndTellsItsVersion(String command) {
    for (String option : List.of("--help", "--version")) {
      String[] args = command.isEmpty() ? new String[] {option} : new String[] {command, option};
      assertEquals(0, run(args), captured.err());
    }
    assertTrue(captured.out().contains("Usage: millrace"), captured.out());
    assertTrue(captured.out().contains("\nmillrace " + Version.current()), captured.out());
    assertFalse(Version.current().contains("$"));
    assertEquals("", captured.err());
  }

  @Test
  void whatIsMissingOrMistypedIsSaidInOneSentence() {
    assertWrong(
        wrong(
            "millrace",
            "a command is missing: demo, run, sim, migrate, connect, rotate-key, doctor, verify, jobs, mailboxes, dead, health"));
    assertWrong(wrong("millrace", "no such command or argument dmeo; did you mean demo?"), "dmeo");
    assertWrong(
        wrong(
            "millrace",
            "no such command or argument frobnicate; there are demo, run, sim, migrate,"
                + " connect, rotate-key, doctor, verify, jobs, mailboxes, dead, health"),
        "frobnicate");
    assertWrong(
        demo("no such option --mailboxs; did you mean --mailboxes?"), "demo", "--mailboxs=3");
    assertWrong(demo("no such option --wibble-wobble"), "demo", "--wibble-wobble");
    assertWrong(demo("no such command or argument stray"), "demo", "stray");
    assertWrong(
        demo("Invalid value for option '--mailboxes': 'x' is not an int"),
        "demo",
        "--mailboxes",
        "x");
    assertWrong(demo("Missing required parameter for option '--mbox' (FILE)"), "demo", "--mbox");
  }

  @Test
  void valuesOutOfRangeAreRefused() throws IOException {
    assertWrong(demo("--mailboxes must be from 1 to 10000, not 0"), "demo", "--mailboxes", "0");
    assertWrong(demo("--messages must be from 0 to 50000000, not -1"), "demo", "--messages", "-1");
    assertWrong(demo("--time-scale must be from 1 to 20, not 21.0"), "demo", "--time-scale", "21");
    assertWrong(demo("--time-scale must be from 1 to 20, not NaN"), "demo", "--time-scale", "NaN");
    assertWrong(demo("--port must be from 0 to 65535, not 65536"), "demo", "--port", "65536");
    assertWrong(
        demo(
            "--profile must be one of 2026-05, legacy, unlimited, not legasy; did you mean legacy?"),
        "demo",
        "--profile",
        "legasy");
    assertWrong(
        demo("--faults must be one of none, mild, harsh, not cruel"), "demo", "--faults", "cruel");
    assertWrong(
        demo("--format must be one of minimal, metadata, full, not raw"),
        "demo",
        "--format",
        "raw");
    assertWrong(demo("--mbox no/such does not exist"), "demo", "--mbox", "no/such");
    assertWrong(demo("--mbox " + directory + " is not a file"), "demo", "--mbox", "" + directory);
    Path file = Files.writeString(directory.resolve("f"), "x");
    assertWrong(demo("--data " + file + " is not a directory"), "demo", "--data", "" + file);
    assertWrong(
        demo(
            "--simulator must be a URL such as http://127.0.0.1:9100, not localhost/"
                .replace("localhost/", "localhost")),
        "demo",
        "--simulator",
        "localhost");
    assertWrong(
        demo(
            "--mailboxes, --messages, --mbox, --faults and --seed belong to the simulator, which"
                + " already runs: give them to 'millrace sim'"),
        "demo",
        "--simulator",
        "http://h",
        "--seed",
        "3");
    assertWrong(
        wrong("millrace sim", "--port must be from 0 to 65535, not -1"), "sim", "--port", "-1");
  }

  @Test
  void aRefusedConfigurationEndsWithTwoAndNoStackTrace() {
    assertWrong(
        "millrace: Configuration refused: MILLRACE_PORT: no such variable; did you mean"
            + " MILLRACE_CONSOLE_PORT?\n",
        Map.of("MILLRACE_PORT", "1"),
        "run");
    assertWrong(
        "millrace: The configuration file no.json does not exist\n", "run", "--conf", "no.json");
    assertWrong(
        "millrace: APP_ENCRYPTION_KEY or APP_ENCRYPTION_KEY_FILE must be set for an external"
            + " database: mailbox tokens are stored encrypted. Make a key with: openssl rand -base64"
            + " 32\n",
        Map.of("MILLRACE_DATABASE_URI", "postgresql://h/db"),
        "run");
  }

  @Test
  void demoFlagsReachOptionsAndConfiguration() throws IOException {
    Path mbox = Files.writeString(directory.resolve("a.mbox"), "");
    Path data = directory.resolve("kept");
    DemoCommand demo =
        demoCommand(
            Map.of("MILLRACE_DATABASE_URI", "postgresql://production/db"),
            "--mbox=" + mbox,
            "--profile=Legacy",
            "--time-scale=2",
            "--faults=harsh",
            "--seed=9",
            "--format=metadata",
            "--include-spam-trash",
            "--data=" + data,
            "--port=0",
            "--once",
            "--json");
    OptionChecks checks = new OptionChecks(demo.spec);
    DemoOptions options = demo.options(checks);
    assertEquals(new DemoOptions(8, 500, List.of(mbox), "harsh", 9, null, true, true), options);
    Configuration c = demo.loader(checks, options).load();
    assertEquals(QuotaProfile.LEGACY, c.profile());
    assertEquals(2.0, c.timeScale());
    assertEquals(MessageFormat.METADATA, c.gmail().format());
    assertTrue(c.gmail().includeSpamTrash());
    assertEquals(data, c.database().directory());
    assertEquals(0, c.console().port());
    assertEquals(null, c.database().uri());
  }

  @Test
  void aDemoWithoutFlagsIsTheOneThatIsDocumented() {
    DemoCommand demo = demoCommand(Map.of());
    OptionChecks checks = new OptionChecks(demo.spec);
    DemoOptions options = demo.options(checks);
    assertEquals(new DemoOptions(8, 500, List.of(), "none", 1, null, false, false), options);
    Configuration c = demo.loader(checks, options).load();
    assertEquals(4.0, c.timeScale());
    assertEquals(null, c.database().directory());
    assertEquals("127.0.0.1", c.google().rootUrl().getHost());
  }

  @Test
  void aSimulatorThatRunsIsUsed() {
    DemoCommand demo = demoCommand(Map.of(), "--simulator", "http://127.0.0.1:9100");
    OptionChecks checks = new OptionChecks(demo.spec);
    DemoOptions options = demo.options(checks);
    assertEquals(URI.create("http://127.0.0.1:9100/"), options.simulator());
    assertEquals(
        URI.create("http://127.0.0.1:9100/token"),
        demo.loader(checks, options).load().google().tokenUrl());
  }

  @Test
  void connectTakesTheTokenFromAFileOrStandardInputOnly() throws IOException {
    assertWrong(
        wrong("millrace connect", "--email must be an address such as ann@example.org, not ann"),
        "connect",
        "--email=ann");
    assertWrong(
        wrong("millrace connect", "no refresh token came from standard input"),
        "connect",
        "--email=ann@example.org");
    Path token = Files.writeString(directory.resolve("token"), "can ary");
    assertWrong(
        wrong("millrace connect", "what came from " + token + " is not a refresh token"),
        "connect",
        "--email=ann@example.org",
        "--refresh-token-file=" + token);
    assertWrong(
        wrong("millrace connect", "--email is missing: the address of the mailbox"), "connect");
    assertWrong(
        wrong(
            "millrace connect",
            "give one of --refresh-token-file, --browser and --service-account"),
        "connect",
        "--browser",
        "--service-account");
    assertWrong(
        wrong("millrace connect", "more than one --email goes with --service-account only"),
        "connect",
        "--email=a@example.org",
        "--email=b@example.org");
    assertWrong(
        wrong("millrace connect", "--wait must be from 10 to 3600, not 5"),
        "connect",
        "--browser",
        "--wait=5");
    assertFalse(
        new ConnectOptions.ByToken("a@b.c", new Secret("x", "canary"))
            .toString()
            .contains("canary"));
  }

  @Test
  void theDoctorNamesWhatIsWrongWithTheConfiguration() throws JsonProcessingException {
    int status =
        Main.run(
            new String[] {"doctor", "--json"},
            Map.of("MILLRACE_CONSOLE_PORT", "x"),
            captured.terminal,
            new ByteArrayInputStream(new byte[0]));
    assertEquals(2, status);
    JsonNode result = new JsonMapper().readTree(captured.out());
    assertFalse(result.path("ok").asBoolean());
    assertEquals("configuration", result.at("/checks/0/name").asText());
    assertTrue(result.at("/checks/0/message").asText().contains("MILLRACE_CONSOLE_PORT"));
  }

  private DemoCommand demoCommand(Map<String, String> environment, String... flags) {
    CommandLine line =
        Main.commandLine(environment, captured.terminal, new ByteArrayInputStream(new byte[0]));
    String[] args = new String[flags.length + 1];
    args[0] = "demo";
    System.arraycopy(flags, 0, args, 1, flags.length);
    line.parseArgs(args);
    return line.getSubcommands().get("demo").getCommand();
  }

  private static String demo(String sentence) {
    return wrong("millrace demo", sentence);
  }

  private static String wrong(String command, String sentence) {
    return command + ": " + sentence + "\nTry '" + command + " --help'.\n";
  }

  private void assertWrong(String sentence, String... args) {
    assertWrong(sentence, Map.of(), args);
  }

  private void assertWrong(String sentence, Map<String, String> environment, String... args) {
    int status =
        Main.run(args, environment, captured.terminal, new ByteArrayInputStream(new byte[0]));
    assertEquals(sentence, captured.newErr());
    assertEquals(2, status);
    assertEquals("", captured.out());
  }

  private int run(String... args) {
    return Main.run(
        args,
        Map.of(),
        captured.terminal,
        new ByteArrayInputStream("".getBytes(StandardCharsets.UTF_8)));
  }
}
