package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.Sessions;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who gets in, and who does not: the table of routes and roles, walked in full. */
@Timeout(120)
class ApiAccessTest {
  private static ApiTestKit kit;

  @BeforeAll
  static void open() throws Exception {
    kit = new ApiTestKit();
  }

  @AfterAll
  static void close() throws Exception {
    kit.close();
  }

  /** Every route is used by every role, and by nobody. */
  @Test
  void eachRouteLetsInTheRolesOfItsRowAndNobodyElse() throws Exception {
    Map<String, Role> tokens = new HashMap<>();
    tokens.put(ApiTestKit.OPERATOR, Role.OPERATOR);
    tokens.put(ApiTestKit.VIEWER, Role.VIEWER);
    tokens.put(ApiTestKit.ALICE, Role.USER);
    tokens.put(ApiTestKit.STRANGER, Role.USER);
    List<String> wrong = new ArrayList<>();
    assertTrue(kit.table().size() > 40, "the table is whole");
    for (Endpoint endpoint : kit.table()) {
      String path =
          endpoint
              .path()
              .replaceAll(":(job|user)", "999999999")
              .replaceAll(":(name|message)", "none");
      for (Map.Entry<String, Role> who : tokens.entrySet()) {
        int status = status(endpoint, path, who.getKey());
        boolean refused = status == 401 || status == 403;
        if (refused == endpoint.roles().contains(who.getValue()) || status >= 500) {
          wrong.add(endpoint.method() + " " + path + " as " + who.getValue() + ": " + status);
        }
      }
      for (String token : new String[] {null, "nobodys-token", "", "x".repeat(2_000)}) {
        int status = status(endpoint, path, token);
        if (status != 401 && status != 429) {
          wrong.add(endpoint.method() + " " + path + " without login: " + status);
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  private static int status(Endpoint endpoint, String path, String token) throws Exception {
    HttpResponse<String> answer =
        kit.send(endpoint.method().name(), path, token, endpoint.writes() ? "{}" : null);
    if (answer.statusCode() >= 400) {
      JsonObject problem = new JsonObject(answer.body());
      assertEquals(answer.statusCode(), problem.getInteger("status"));
      assertFalse(problem.getString("detail").isBlank());
    }
    return answer.statusCode();
  }

  @Test
  void theStreamsAskWhoItIsToo() throws Exception {
    assertEquals(401, kit.send("HEAD", "/api/v1/events", null, null).statusCode());
    assertEquals(200, kit.send("HEAD", "/api/v1/events", ApiTestKit.ALICE, null).statusCode());
  }

  @Test
  void thePageItselfAndHealthAreForEverybody() throws Exception {
    for (String path : List.of("/", "/ui/app.js", "/health/live", "/health/ready")) {
      assertEquals(200, kit.send("GET", path, null, null).statusCode(), path);
    }
  }

  @Test
  void anEndUserSwitchesNoMailboxButTheirOwn() throws Exception {
    for (String action : List.of("sync", "pause", "resume", "disconnect")) {
      String path = "/api/v1/mailboxes/" + kit.bob + "/" + action;
      assertEquals(404, kit.send("POST", path, ApiTestKit.ALICE, "{}").statusCode(), action);
    }
  }

  @Test
  void meTellsWhoAsks() throws Exception {
    JsonObject alice = ApiTestKit.ok(kit.send("GET", "/api/v1/me", ApiTestKit.ALICE, null));
    assertEquals("user", alice.getString("role"));
    assertEquals(kit.alice, alice.getLong("user"));
    JsonObject stranger = ApiTestKit.ok(kit.send("GET", "/api/v1/me", ApiTestKit.STRANGER, null));
    assertEquals(null, stranger.getLong("user"));
  }

  @Test
  void writesFromOtherSitesAreRefused() throws Exception {
    String path = "/api/v1/kinds/" + ApiTestKit.KIND + "/resume";
    for (String[] header :
        List.of(
            new String[] {"Origin", "https://evil.example"},
            new String[] {"Origin", "null"},
            new String[] {"Sec-Fetch-Site", "cross-site"},
            new String[] {"Sec-Fetch-Site", "same-site"})) {
      HttpResponse<String> answer = kit.send("POST", path, ApiTestKit.OPERATOR, "{}", header);
      assertEquals(403, answer.statusCode(), header[1]);
      assertEquals("cross_site", new JsonObject(answer.body()).getString("code"));
    }
    assertEquals(
        200,
        kit.send(
                "POST",
                path,
                ApiTestKit.OPERATOR,
                "{}",
                "Origin",
                "http://127.0.0.1:" + kit.console.port())
            .statusCode());
  }

  @Test
  void sessionsOfNobodyAndThoseThatAreOverAreRefused() throws Exception {
    String session = Digest.random();
    ApiTestKit.await(
        new Sessions(kit.database.pool()).begin(Digest.of(session), "op@example.org", -1));
    for (String value : List.of(session, Digest.random(), "'; drop table x; --", "")) {
      int status =
          kit.send("GET", "/api/v1/me", null, null, "Cookie", "__Host-millrace=" + value)
              .statusCode();
      // Whoever has guessed too often is told to wait.
      assertTrue(status == 401 || status == 429, value + ": " + status);
    }
  }

  @Test
  void theRolesOfTheTableAreThoseThatAreDescribed() throws Exception {
    JsonObject paths = kit.get("/openapi.json").getJsonObject("paths");
    for (Endpoint endpoint : kit.table()) {
      JsonObject described =
          paths
              .getJsonObject(endpoint.path().replaceAll(":([a-z]+)", "{$1}"))
              .getJsonObject(endpoint.method().name().toLowerCase(java.util.Locale.ROOT));
      Set<String> roles = new java.util.TreeSet<>();
      described.getJsonArray("x-roles").forEach(r -> roles.add((String) r));
      Set<String> own = new java.util.TreeSet<>();
      endpoint.roles().forEach(r -> own.add(r.word()));
      assertEquals(own, roles, endpoint.path());
    }
  }
}
