package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The database is cut off, or says nothing: every route says so in time, and works afterwards. */
@Timeout(180)
class DatabaseAwayTest {
  /** What is answered without a look at the database. */
  private static final Set<String> FROM_MEMORY =
      Set.of("/api/v1/me", "/api/v1/openapi.json", "/api/v1/logout", "/api/v1/checks");

  private static final Map<String, JsonObject> BODIES =
      Map.of(
          "/api/v1/jobs",
          new JsonObject()
              .put("kind", ApiTestKit.KIND)
              .put("user", 1)
              .put("payload", new JsonObject().put("n", 1)),
          "/api/v1/jobs/bulk",
          new JsonObject()
              .put("action", "cancel")
              .put("filter", new JsonObject().put("kind", ApiTestKit.KIND)),
          "/api/v1/jobs/:job/priority",
          new JsonObject().put("priority", 1),
          "/api/v1/dead/bulk",
          new JsonObject()
              .put("action", "purge")
              .put("filter", new JsonObject().put("kind", ApiTestKit.KIND)),
          "/api/v1/dead/:job/payload",
          new JsonObject().put("payload", new JsonObject().put("n", 1)),
          "/api/v1/connections/finish",
          new JsonObject().put("state", "x").put("code", "y"));

  private static ApiTestKit kit;

  @BeforeAll
  static void open() throws Exception {
    kit = new ApiTestKit(Duration.ofSeconds(2));
  }

  @AfterAll
  static void close() throws Exception {
    kit.close();
  }

  @BeforeEach
  void everybodyIsKnown() throws Exception {
    kit.until(
        () ->
            kit.send("GET", "/api/v1/mailboxes", ApiTestKit.ALICE, null).statusCode() == 200
                && kit.send("GET", "/api/v1/jobs", ApiTestKit.OPERATOR, null).statusCode() == 200);
  }

  @AfterEach
  void back() throws Exception {
    kit.line.refuse(false);
    kit.line.resume();
    everybodyIsKnown();
    assertEquals(200, kit.send("GET", "/api/v1/overview", ApiTestKit.OPERATOR, null).statusCode());
  }

  @Test
  void whileItIsCutOffEveryRouteSaysSo() throws Exception {
    kit.line.refuse(true);
    kit.line.cutAll();
    judge(answers());
  }

  @Test
  void whileItSaysNothingEveryRouteSaysSoInTime() throws Exception {
    kit.line.stall();
    judge(answers());
  }

  /** Each that is read holds memory: the others are told to come again, not kept waiting. */
  @Test
  void anOwnerReadsAFewMessagesAtOnceAndNoMore() throws Exception {
    kit.line.stall();
    String url =
        "http://127.0.0.1:%d/api/v1/mailboxes/%d/messages/none"
            .formatted(kit.console.port(), kit.alice);
    HttpRequest read =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(25))
            .header("Authorization", "Bearer " + ApiTestKit.ALICE)
            .build();
    List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      asked.add(kit.http.sendAsync(read, HttpResponse.BodyHandlers.ofString()));
    }
    int refused = 0;
    for (CompletableFuture<HttpResponse<String>> one : asked) {
      HttpResponse<String> answer = one.get(30, TimeUnit.SECONDS);
      boolean early = answer.statusCode() == 429;
      assertEquals(early ? 429 : 503, answer.statusCode(), answer.body());
      assertTrue(!early || answer.body().contains("too_many_readings"), answer.body());
      refused += early ? 1 : 0;
    }
    assertEquals(6, refused);
  }

  /** Who is not remembered cannot be known without the database: that is no refusal. */
  @Test
  void whoCannotBeLookedUpIsNotTurnedAway() throws Exception {
    kit.line.refuse(true);
    kit.line.cutAll();
    HttpResponse<String> stranger = kit.send("GET", "/api/v1/me", ApiTestKit.STRANGER, null);
    assertEquals(503, stranger.statusCode(), stranger.body());
  }

  private static Map<Endpoint, HttpResponse<String>> answers() throws Exception {
    // What callers share is a moment old, and is answered until that is over.
    kit.until(
        () -> kit.send("GET", "/api/v1/overview", ApiTestKit.OPERATOR, null).statusCode() == 503);
    Map<Endpoint, CompletableFuture<HttpResponse<String>>> asked = new LinkedHashMap<>();
    for (Endpoint endpoint : kit.table()) {
      asked.put(
          endpoint, kit.http.sendAsync(request(endpoint), HttpResponse.BodyHandlers.ofString()));
    }
    Map<Endpoint, HttpResponse<String>> answers = new LinkedHashMap<>();
    for (Map.Entry<Endpoint, CompletableFuture<HttpResponse<String>>> one : asked.entrySet()) {
      answers.put(one.getKey(), one.getValue().get(30, TimeUnit.SECONDS));
    }
    return answers;
  }

  private static HttpRequest request(Endpoint endpoint) {
    boolean owned = !endpoint.roles().contains(Role.OPERATOR);
    String path =
        endpoint
            .path()
            .replace(":user", Long.toString(kit.alice))
            .replace(":job", "1")
            .replace("/kinds/:name", "/kinds/" + ApiTestKit.KIND)
            .replace("/queues/:name", "/queues/default")
            .replace("/checks/:name", "/checks/keys")
            .replaceAll(":(name|message)", "none");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + kit.console.port() + path))
            .timeout(Duration.ofSeconds(25))
            .header("Authorization", "Bearer " + (owned ? ApiTestKit.ALICE : ApiTestKit.OPERATOR));
    if (!endpoint.writes()) {
      return request.build();
    }
    JsonObject body = BODIES.getOrDefault(endpoint.path(), new JsonObject());
    return request
        .header("Content-Type", "application/json")
        .method(endpoint.method().name(), HttpRequest.BodyPublishers.ofString(body.encode()))
        .build();
  }

  private static void judge(Map<Endpoint, HttpResponse<String>> answers) {
    List<String> wrong = new ArrayList<>();
    answers.forEach(
        (endpoint, answer) -> {
          if (FROM_MEMORY.contains(endpoint.path())) {
            return;
          }
          JsonObject problem = new JsonObject(answer.body());
          boolean said =
              answer.statusCode() == 503
                  && "application/problem+json"
                      .equals(answer.headers().firstValue("Content-Type").orElse(""))
                  && problem.getString("code").equals("database_away")
                  && answer.headers().firstValue("Retry-After").isPresent();
          if (!said) {
            wrong.add(
                endpoint.method()
                    + " "
                    + endpoint.path()
                    + ": "
                    + answer.statusCode()
                    + " "
                    + answer.body());
          }
        });
    assertEquals(List.of(), wrong);
    assertTrue(answers.size() > 40, "the table is whole");
  }

  /** A stream goes on: what happens is told when there is something to tell. */
  @Test
  void theStreamStandsMeanwhile() throws Exception {
    kit.line.refuse(true);
    kit.line.cutAll();
    assertEquals(200, kit.send("HEAD", "/api/v1/events", ApiTestKit.OPERATOR, null).statusCode());
    assertEquals(503, kit.send("GET", "/health/ready", null, null).statusCode());
    assertEquals(200, kit.send("GET", "/health/live", null, null).statusCode());
  }
}
