package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.Typed;
import io.millrace.store.Mailboxes;
import io.millrace.store.Vault;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SelfSignedCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands that ask a running Millrace, against one that runs. */
@Timeout(60)
class CommandsTest {
  private static ApiTestKit kit;

  @TempDir Path directory;

  @BeforeAll
  static void open() throws Exception {
    kit = new ApiTestKit();
  }

  @AfterAll
  static void close() throws Exception {
    kit.close();
  }

  @BeforeEach
  void clean() throws Exception {
    kit.clean();
  }

  private static Typed type(String... arguments) {
    return typeAs(ApiTestKit.OPERATOR, "", arguments);
  }

  private static Typed typeAs(String token, String in, String... arguments) {
    Map<String, String> environment = new HashMap<>(Map.of("COLUMNS", "100"));
    if (token != null) {
      environment.put("MILLRACE_TOKEN", token);
    }
    List<String> all = new ArrayList<>(List.of(arguments));
    if (!all.contains("--url")) {
      all.addAll(List.of("--url", "http://127.0.0.1:" + kit.console.port()));
    }
    return Typed.run(environment, in, all.toArray(String[]::new));
  }

  /** What a good call shows, which is no wider than the terminal. */
  private static String shown(Typed typed) {
    assertEquals(0, typed.status(), typed.err());
    assertEquals("", typed.err());
    typed.out().lines().forEach(line -> assertTrue(line.length() <= 100, line));
    return typed.out();
  }

  private static JsonObject json(String... arguments) {
    Typed typed = type(arguments);
    assertEquals(0, typed.status(), typed.err());
    assertEquals(1, typed.out().lines().count(), typed.out());
    return new JsonObject(typed.out());
  }

  private static void refused(int status, String sentence, Typed typed) {
    assertEquals(status, typed.status(), typed.err());
    assertTrue(typed.err().contains(sentence), typed.err());
    assertEquals(1, typed.err().lines().filter(l -> l.startsWith("millrace")).count());
    assertFalse(typed.err().contains("Exception"), typed.err());
    assertEquals("", typed.out());
  }

  @Test
  void jobsAreListedPageByPageShownHurriedAndCancelled() throws Exception {
    long first = kit.later(kit.alice);
    long second = kit.later(kit.bob);
    String page = shown(type("jobs", "list", "--limit", "1"));
    assertTrue(page.startsWith("ID"), page);
    assertTrue(
        page.matches("(?s).*\n%d +%s +scheduled .*".formatted(second, ApiTestKit.KIND)), page);
    assertTrue(page.contains("more: --after " + second), page);
    String next = shown(type("jobs", "list", "--after", "" + second, "--state", "scheduled"));
    assertTrue(next.contains("" + first), next);
    String alices =
        shown(type("jobs", "list", "--user", "" + kit.alice, "--kind", ApiTestKit.KIND));
    assertTrue(alices.contains(first + " ") && !alices.contains(second + " "), alices);
    String one = shown(type("jobs", "show", "" + first));
    assertTrue(one.contains("scheduled") && one.contains("WAITS FOR"), one);
    assertEquals(second, json("jobs", "show", "" + second, "--json").getLong("id"));

    assertTrue(shown(type("jobs", "hurry", "" + first)).contains("job " + first + ": ready"));
    kit.until(first, "completed");
    assertTrue(
        shown(type("jobs", "cancel", "" + second, "--reason", "not wanted")).contains("cancelled"));
    Typed again = type("jobs", "cancel", "" + second, "" + first);
    assertEquals(1, again.status(), again.err());
    assertEquals(2, again.err().lines().count(), again.err());
  }

  @Test
  void deadLettersAreCountedAndAskedForBeforeAnythingHappens() throws Exception {
    long one = kit.dead(kit.alice, 3);
    kit.dead(kit.alice, 4);
    kit.run(
        "update job_dead set error = jsonb_set(error, '{message}', to_jsonb($1::text)) where id = $2",
        "\u001b[31mred\nand " + "long ".repeat(100),
        one);
    String list = shown(type("dead", "list"));
    assertEquals(3, list.lines().count(), list);
    assertTrue(list.contains("[31mred and long") && !list.contains("\u001b"), list);
    assertTrue(shown(type("dead", "show", "" + one)).contains("meaning"));
    String group =
        json("dead", "groups", "--json").getJsonArray("items").getJsonObject(0).getString("group");
    assertTrue(shown(type("dead", "groups")).contains(group));

    Typed no = typeAs(ApiTestKit.OPERATOR, "n\n", "dead", "redrive", "--all");
    assertEquals(1, no.status());
    assertTrue(no.err().startsWith("Redrive 2 letters? [y/N]"), no.err());
    assertEquals(2, kit.number("select count(*) from job_dead where redriven_at is null"));
    Typed yes = typeAs(ApiTestKit.OPERATOR, "y\n", "dead", "redrive", "--group", group);
    assertEquals(0, yes.status(), yes.err());
    assertEquals("1 letter redriven", yes.out().strip());
    kit.until(() -> kit.number("select count(*) from job_dead") == 3);
    assertTrue(
        shown(type("dead", "purge", "--all", "--redriven", "--yes")).contains("letters purged"));
    assertEquals(0, kit.number("select count(*) from job_dead"));
    refused(2, "say which: IDs, --group", type("dead", "purge"));
    refused(2, "not both", type("dead", "redrive", "7", "--all"));
  }

  private static ScriptedApi.Answer count(long n, boolean atLeast, String at) {
    return ScriptedApi.Answer.ok(
        new JsonObject().put("count", n).put("atLeast", atLeast).put("at", at));
  }

  @Test
  void wherePerhapsMoreAreMeantThanNoneItIsAsked() throws Exception {
    for (String action : List.of("redrive", "purge")) {
      try (ScriptedApi api = new ScriptedApi(count(0, true, "2026-11-22T10:00:00Z"))) {
        Typed no =
            typeAs(ApiTestKit.OPERATOR, "n\n", "dead", action, "--user", "7", "--url", api.url());
        assertEquals(1, no.status(), no.err());
        assertTrue(no.err().contains(" at least 0 letters? [y/N]"), no.err());
        assertEquals(1, api.asked.size());
      }
      try (ScriptedApi api = new ScriptedApi(count(0, false, "2026-11-22T10:00:00Z"))) {
        String none = shown(type("dead", action, "--all", "--url", api.url()));
        assertEquals("No letter is meant: nothing to do.", none.strip());
        assertEquals(1, api.asked.size());
      }
    }
  }

  @Test
  void lettersThatDieAfterTheyWereCountedAreNotMeant() throws Exception {
    ScriptedApi.Answer count = count(2, false, "2026-11-22T10:00:00Z");
    ScriptedApi.Answer step =
        ScriptedApi.Answer.ok(new JsonObject().put("redriven", 1).put("next", "more"));
    ScriptedApi.Answer last =
        ScriptedApi.Answer.ok(new JsonObject().put("redriven", 1).putNull("next"));
    Map<String, String> bounds =
        Map.of(
            "", "2026-11-22T10:00:00Z",
            "2026-11-22T10:59:00+01:00", "2026-11-22T10:59:00+01:00",
            "2026-11-22T10:01:00Z", "2026-11-22T10:00:00Z");
    for (Map.Entry<String, String> bound : bounds.entrySet()) {
      try (ScriptedApi api = new ScriptedApi(count, step, last)) {
        List<String> call =
            new ArrayList<>(List.of("dead", "redrive", "--all", "--yes", "--url", api.url()));
        if (!bound.getKey().isEmpty()) {
          call.addAll(List.of("--until", bound.getKey()));
        }
        assertEquals("2 letters redriven", shown(type(call.toArray(String[]::new))).strip());
        assertEquals(
            List.of(bound.getValue(), bound.getValue()),
            api.asked.stream()
                .skip(1)
                .map(asked -> asked.body().getJsonObject("filter").getString("until"))
                .toList());
      }
    }
    ScriptedApi.Answer purged =
        ScriptedApi.Answer.ok(new JsonObject().put("purged", 2).put("more", false));
    try (ScriptedApi api = new ScriptedApi(count, purged)) {
      shown(type("dead", "purge", "--all", "--yes", "--url", api.url()));
      assertEquals(
          "2026-11-22T10:00:00Z",
          api.asked.get(1).body().getJsonObject("filter").getString("until"));
    }
  }

  @Test
  void whoAsksTooMuchWaitsAndAsksTheSameAgain() throws Exception {
    ScriptedApi.Answer tooMany = ScriptedApi.Answer.tooMany();
    ScriptedApi.Answer done = ScriptedApi.Answer.ok(new JsonObject().put("state", "cancelled"));
    try (ScriptedApi api = new ScriptedApi(tooMany, tooMany, done)) {
      shown(type("jobs", "cancel", "7", "--url", api.url()));
      assertEquals(3, api.asked.size());
      assertEquals(1, api.asked.stream().map(ScriptedApi.Asked::key).distinct().count());
    }
    try (ScriptedApi api = new ScriptedApi(tooMany)) {
      refused(3, "Too many requests.", type("jobs", "show", "7", "--url", api.url()));
      assertEquals(6, api.asked.size());
    }
  }

  @Test
  void mailboxesAreFoundByUserAndAddressAndSwitched() throws Exception {
    String list = shown(type("mailboxes", "list"));
    assertTrue(list.contains("alice@example.org") && list.contains("bob@example.org"), list);
    assertTrue(
        shown(type("mailboxes", "pause", "alice@example.org", "--reason", "moves"))
            .contains("mailbox alice@example.org: paused"));
    String paused = shown(type("mailboxes", "show", "" + kit.alice));
    assertTrue(paused.contains("pausedWhy") && paused.contains("moves"), paused);
    refused(1, "This mailbox is paused", type("mailboxes", "sync", "" + kit.alice));
    shown(type("mailboxes", "resume", "alice@example.org"));
    // That of the one that was resumed may still be under way.
    shown(type("mailboxes", "sync", "bob@example.org"));
    refused(1, "There is no mailbox eve@", type("mailboxes", "show", "eve@example.org"));
    refused(2, "MAILBOX must be", type("mailboxes", "show", "eve"));
  }

  @Test
  void healthTellsWhatStandsAndWhatWaits() throws Exception {
    kit.later(kit.alice);
    String health = shown(type("health"));
    assertTrue(health.startsWith("ready\n  database: answers"), health);
    assertTrue(health.contains("Wait: 1 for their time"), health);
    assertTrue(health.contains(ApiTestKit.KIND), health);
    JsonObject json = json("health", "--json");
    assertTrue(json.getBoolean("ready"));
    assertTrue(json.getJsonObject("overview").containsKey("waiting"));
  }

  @Test
  void refusalsAreOneSentenceAndTellByTheirStatusWhose() throws Exception {
    refused(
        3,
        "cannot be asked: nobody answers there",
        type("jobs", "list", "--url", "http://127.0.0.1:1"));
    refused(3, "MILLRACE_TOKEN", typeAs("wrong-token", "", "jobs", "list"));
    refused(3, "Say who you are", typeAs(null, "", "health"));
    refused(3, "may not do this", typeAs(ApiTestKit.VIEWER, "", "jobs", "cancel", "1"));
    refused(1, "There is no such job", type("jobs", "show", "4711"));
    refused(2, "state", type("jobs", "list", "--state", "asleep"));
    refused(2, "a command is missing: list", Typed.run(Map.of(), "", "jobs"));
    refused(2, "--url must be a URL", type("jobs", "list", "--url", "ftp://h"));
    Path token = Files.writeString(directory.resolve("token"), ApiTestKit.OPERATOR + "\n");
    shown(typeAs(null, "", "jobs", "list", "--token-file", token.toString()));
  }

  @Test
  void aServerWithACertificateOfOnesOwnIsTrustedByItsFile() throws Exception {
    SelfSignedCertificate certificate = SelfSignedCertificate.create();
    ConsoleVerticle secure =
        new ConsoleVerticle(
                new ConsoleSettings(
                    "127.0.0.1",
                    0,
                    ApiTestKit.access(),
                    Optional.of(
                        new ConsoleSettings.Certificate(
                            Path.of(certificate.certificatePath()),
                            Path.of(certificate.privateKeyPath())))),
                new Mailboxes(kit.database.pool(), new Vault(kit.database.keptEncryptionKey())),
                kit.jobs,
                "1.2.3",
                "legacy",
                1)
            .withApi(kit.parts());
    String deployed = ApiTestKit.await(kit.vertx.deployVerticle(secure));
    String url = "https://localhost:" + secure.port();
    try {
      refused(3, "its certificate is not trusted", type("jobs", "list", "--url", url));
      shown(type("jobs", "list", "--url", url, "--ca-file", certificate.certificatePath()));
    } finally {
      ApiTestKit.await(kit.vertx.undeploy(deployed));
      certificate.delete();
    }
  }
}
