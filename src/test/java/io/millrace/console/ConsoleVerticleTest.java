package io.millrace.console;

import static io.millrace.console.ConsoleTestKit.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The console over real HTTP, with a real database. */
@Timeout(30)
class ConsoleVerticleTest {
  private static ConsoleTestKit kit;

  @BeforeAll
  static void open() throws Exception {
    kit = new ConsoleTestKit();
  }

  @AfterAll
  static void close() throws Exception {
    kit.close();
  }

  @BeforeEach
  void start() throws Exception {
    kit.start();
  }

  @AfterEach
  void stop() throws Exception {
    kit.stop();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/ui/app.js", "/console.css", "/icon.svg"})
  void thePageIsServedProtectedAndCacheable(String path) throws Exception {
    HttpResponse<String> page = kit.get(path);
    assertEquals(200, page.statusCode());
    assertFalse(page.body().isEmpty());
    assertProtected(page);
    String etag = page.headers().firstValue("ETag").orElseThrow();
    assertTrue(etag.startsWith("\""), etag);
    assertEquals("no-cache", page.headers().firstValue("Cache-Control").orElseThrow());

    HttpResponse<String> head = kit.send("HEAD", path);
    assertEquals(200, head.statusCode());
    assertEquals(length(page), length(head));
    HttpResponse<String> again = kit.get(path, "If-None-Match", etag);
    assertEquals(304, again.statusCode());
    assertEquals("", again.body());
  }

  @Test
  void thePageHasNothingThatItsPolicyForbids() throws Exception {
    HttpResponse<String> answer = kit.get("/");
    String page = answer.body();
    assertTrue(page.contains("<script type=\"module\" src=\"/ui/app.js\"></script>"));
    assertFalse(page.contains("style="));
    assertFalse(page.contains("://"));
    int map = page.indexOf("importmap\">") + "importmap\">".length();
    byte[] script = page.substring(map, page.indexOf("</script>", map)).getBytes(UTF_8);
    String hash = Base64.getEncoder().encodeToString(Digest.of(script));
    String policy = answer.headers().firstValue("Content-Security-Policy").orElseThrow();
    assertTrue(policy.contains("script-src 'self' 'sha256-" + hash + "';"), policy);
    assertFalse(policy.contains("unsafe"), policy);
  }

  @Test
  void eachModuleOfThePageIsServedAndWritesNoMarkup() throws Exception {
    try (Stream<Path> modules = Files.list(Path.of("src/main/resources/console/ui"))) {
      for (Path module : modules.toList()) {
        HttpResponse<String> script = kit.get("/ui/" + module.getFileName());
        assertEquals(200, script.statusCode(), module.toString());
        for (String risky : List.of("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(")) {
          assertFalse(script.body().contains(risky), module + " has " + risky);
        }
        assertTrue(script.body().lines().count() < 200, module + " is too long");
      }
    }
  }

  @Test
  void whatTheImportMapNamesMayBeKeptForGood() throws Exception {
    String page = kit.get("/").body();
    int from = page.indexOf("importmap\">") + "importmap\">".length();
    JsonObject imports =
        new JsonObject(page.substring(from, page.indexOf("</script>", from)))
            .getJsonObject("imports");
    assertFalse(imports.isEmpty());
    for (Object path : imports.getMap().values()) {
      HttpResponse<String> script = kit.get((String) path);
      assertEquals(200, script.statusCode(), (String) path);
      assertTrue(script.headers().firstValue("Cache-Control").orElseThrow().contains("immutable"));
      assertEquals(
          "text/javascript; charset=utf-8",
          script.headers().firstValue("Content-Type").orElseThrow());
    }
    assertProblem(kit.get("/lib/lit/3.3.2/package.json"), 404, "not_found");
  }

  @Test
  void theFiguresAreWhatIsCommitted() throws Exception {
    long ann = kit.syncing("ann@example.com", 30, 100);
    kit.trouble(ann, "The grant was revoked: connect the mailbox again.");
    kit.syncing("bob@example.com", 5, 5);
    HttpResponse<String> answer = kit.get("/api/v1/snapshot");
    assertEquals(
        0.8, new JsonObject(answer.body()).getJsonObject("cache").getDouble("hitRate"), 1e-9);
    assertEquals(200, answer.statusCode());
    assertEquals("application/json", answer.headers().firstValue("Content-Type").orElseThrow());
    assertProtected(answer);
    JsonObject json = new JsonObject(answer.body());
    assertEquals(
        new JsonObject().put("version", "1.2.3").put("profile", "legacy").put("timeScale", 4.0),
        json.getJsonObject("running"));
    JsonObject totals = json.getJsonObject("totals");
    assertEquals(2, totals.getInteger("mailboxes"));
    assertEquals(35, totals.getInteger("stored"));
    assertEquals(70, totals.getInteger("remaining"));
    assertEquals(175, totals.getInteger("unitsSpent"));
    assertEquals(1, totals.getInteger("inTrouble"));
    JsonObject row = json.getJsonArray("mailboxes").getJsonObject(0);
    assertEquals("ann@example.com", row.getString("email"));
    assertEquals("list", row.getString("phase"));
    assertEquals(30, row.getInteger("accounted"));
    assertEquals(100, row.getInteger("estimate"));
    assertEquals("The grant was revoked: connect the mailbox again.", row.getString("trouble"));
  }

  @Test
  void aStreamTellsWhatHappens() throws Exception {
    long ann = kit.syncing("ann@example.com", 30, 100);
    try (EventLines events = kit.events()) {
      assertEquals(200, events.response.statusCode());
      assertEquals("2000", events.block().fields().get("retry"));
      kit.publish(ann);
      EventLines.Block sync = events.next();
      assertEquals("sync", sync.event());
      assertNotNull(sync.fields().get("id"));
      assertEquals(ann, sync.data().getLong("user"));
    }
  }

  @Test
  void readersBeyondTheLimitAreRefusedUntilOneLeaves() throws Exception {
    EventLines first = kit.events();
    try (EventLines second = kit.events()) {
      assertEquals("2000", second.block().fields().get("retry"));
      HttpResponse<String> third = kit.get("/api/v1/events");
      assertProblem(third, 503, "too_many_readers");
      assertTrue(third.headers().firstValue("Retry-After").isPresent());
      first.close();
      EventLines fourth = kit.events();
      while (fourth.response.statusCode() == 503) {
        fourth.close();
        fourth = kit.events();
      }
      assertEquals("2000", fourth.block().fields().get("retry"));
      fourth.close();
    }
  }

  @Test
  void aSilentStreamBeatsAndEndsWhenTheConsoleStops() throws Exception {
    kit.stop();
    kit.start(new ConsoleLimits(2, 200, 10_000, 20, 60_000, 50, 2_000));
    try (EventLines events = kit.events()) {
      assertEquals("2000", events.block().fields().get("retry"));
      assertEquals("still here", events.block().fields().get(""));
      kit.stop();
      EventLines.Block block = events.block();
      while (block != null) {
        block = events.block();
      }
    }
  }

  @Test
  void whetherTheDatabaseAnswersIsToldAsItChanges() throws Exception {
    assertEquals(200, kit.get("/health/ready").statusCode());
    kit.syncing("ann@example.com", 30, 100);
    try (EventLines events = kit.events()) {
      kit.databaseAway(true);
      Instant since = Instant.parse(events.next("stale").data().getString("since"));
      try (EventLines late = kit.events()) {
        EventLines.Block stale = late.next("stale");
        assertEquals(since, Instant.parse(stale.data().getString("since")));
      }
      assertProblem(kit.get("/health/ready"), 503, "database_away");
      assertProblem(kit.get("/api/v1/snapshot"), 503, "database_away");
      assertEquals(200, kit.get("/health/live").statusCode());

      kit.databaseAway(false);
      Instant again = Instant.parse(events.next("fresh").data().getString("since"));
      assertFalse(again.isBefore(since));
      assertEquals(200, kit.get("/health/ready").statusCode());
      assertEquals(
          30,
          new JsonObject(kit.get("/api/v1/snapshot").body())
              .getJsonObject("totals")
              .getInteger("stored"));
    }
  }

  @Test
  void otherRequestsAreRefusedInOneForm() throws Exception {
    assertProblem(kit.get("/nothing/here"), 404, "not_found");
    assertProblem(kit.get("/..%2f..%2fetc/passwd"), 404, "not_found");
    for (String path : List.of("/", "/api/v1/snapshot", "/health/ready")) {
      HttpResponse<String> refused = kit.send("POST", path);
      assertProblem(refused, 405, "method_not_allowed");
      assertEquals("GET, HEAD", refused.headers().firstValue("Allow").orElseThrow());
    }
  }

  @Test
  void aPortInUseIsNamedInOneSentence() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      Throwable e =
          assertThrows(
                  ExecutionException.class,
                  () -> await(kit.vertx.deployVerticle(kit.verticle(port, ConsoleTestKit.LIMITS))))
              .getCause();
      assertEquals(ConsoleException.class, e.getClass());
      assertEquals(
          "Port %d on 127.0.0.1 is already in use: stop what listens there, or choose another port."
              .formatted(port),
          e.getMessage());
    }
  }

  @Test
  void withoutLoginItGoesByNoNameThatOthersKnow() {
    AccessSettings open = AccessSettings.OPEN;
    AccessSettings named =
        new AccessSettings(
            List.of(),
            Optional.empty(),
            Optional.of(URI.create("https://console.example.org")),
            List.of(),
            open.session(),
            open.callsPerSecond(),
            open.allCallsPerSecond());
    Throwable e =
        assertThrows(
                ExecutionException.class,
                () -> await(kit.vertx.deployVerticle(kit.verticle(named))))
            .getCause();
    assertEquals(ConsoleException.class, e.getClass());
    assertTrue(e.getMessage().contains("console.example.org"), e.getMessage());
  }

  private static void assertProblem(HttpResponse<String> answer, int status, String code) {
    assertEquals(status, answer.statusCode());
    assertEquals(
        "application/problem+json", answer.headers().firstValue("Content-Type").orElseThrow());
    assertProtected(answer);
    JsonObject problem = new JsonObject(answer.body());
    assertEquals(status, problem.getInteger("status"));
    assertEquals(code, problem.getString("code"));
    assertFalse(problem.getString("title").isEmpty());
    assertTrue(problem.getString("detail").endsWith("."), problem.getString("detail"));
  }

  private static void assertProtected(HttpResponse<String> answer) {
    String policy = answer.headers().firstValue("Content-Security-Policy").orElseThrow();
    assertTrue(policy.contains("default-src 'self'"), policy);
    assertTrue(policy.contains("frame-ancestors 'none'"), policy);
    assertEquals("nosniff", answer.headers().firstValue("X-Content-Type-Options").orElseThrow());
    assertEquals("no-referrer", answer.headers().firstValue("Referrer-Policy").orElseThrow());
  }

  private static Optional<String> length(HttpResponse<String> answer) {
    return answer.headers().firstValue("Content-Length");
  }
}
