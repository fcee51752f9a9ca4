package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The description and the server say the same. */
@Timeout(60)
class OpenApiTest {
  private static ApiTestKit kit;
  private static JsonObject description;

  @BeforeAll
  static void open() throws Exception {
    kit = new ApiTestKit();
    description = kit.get("/openapi.json");
  }

  @AfterAll
  static void close() throws Exception {
    kit.close();
  }

  @Test
  void everyRouteIsDescribedAndNothingElseIs() {
    Set<String> served = new TreeSet<>(Set.of("GET /api/v1/events"));
    kit.table()
        .forEach(e -> served.add(e.method() + " " + e.path().replaceAll(":([a-z]+)", "{$1}")));
    Set<String> described = new TreeSet<>();
    description
        .getJsonObject("paths")
        .forEach(
            path ->
                ((JsonObject) path.getValue())
                    .fieldNames()
                    .forEach(
                        m ->
                            described.add(
                                m.toUpperCase(java.util.Locale.ROOT) + " " + path.getKey())));
    assertEquals(served, described);
  }

  /** Reads that have something to show, writes that do something, and both refused. */
  @Test
  void everyAnswerIsAsDescribed() throws Exception {
    kit.clean();
    LifeTestKit.fill(kit);
    LifeTestKit.live(kit);
    long dead = kit.dead(kit.alice, 3);
    long dying = kit.dead(kit.alice, 4);
    long job = kit.later(kit.alice);
    String kind = ApiTestKit.KIND;
    JsonObject filter = new JsonObject().put("kind", "none");
    JsonObject dry = new JsonObject().put("action", "cancel").put("filter", filter);
    List<String> reads =
        List.of(
            "/me",
            "/openapi.json",
            "/snapshot",
            "/overview",
            "/jobs",
            "/jobs?state=dead",
            "/jobs/" + job,
            "/jobs/" + dead,
            "/dead",
            "/dead/groups",
            "/dead/" + dead,
            "/mailboxes",
            "/mailboxes/" + kit.alice,
            "/queues",
            "/kinds",
            "/schedules",
            "/checks",
            "/limits",
            "/alerts",
            "/flow",
            "/health",
            "/health/hours",
            "/cost",
            "/workers",
            "/audit");
    kit.message(kit.alice, "m-1", "Hello", Instant.now());
    String mail = "/mailboxes/" + kit.alice + "/messages";
    asDescribed("GET", mail, null, 200, ApiTestKit.ALICE);
    asDescribed("GET", mail + "/m-1", null, 200, ApiTestKit.ALICE);
    asDescribed("GET", mail + "/none", null, 404, ApiTestKit.ALICE);
    asDescribed("POST", "/connections", new JsonObject(), 200);
    asDescribed(
        "POST", "/connections/finish", new JsonObject().put("state", "x").put("code", "y"), 409);
    for (String path : reads) {
      asDescribed("GET", path, null, 200);
    }
    asDescribed(
        "POST",
        "/jobs",
        new JsonObject()
            .put("kind", kind)
            .put("user", 1)
            .put("payload", new JsonObject().put("n", 1)),
        200);
    asDescribed("POST", "/jobs/" + job + "/priority", new JsonObject().put("priority", 3), 200);
    asDescribed("POST", "/jobs/" + job + "/hurry", new JsonObject(), 200);
    asDescribed("POST", "/jobs/" + kit.later(1) + "/cancel", new JsonObject(), 200);
    asDescribed("POST", "/jobs/bulk", dry, 200);
    asDescribed("POST", "/jobs/bulk", dry.copy().put("dryRun", true), 200);
    asDescribed(
        "POST",
        "/dead/" + dead + "/payload",
        new JsonObject().put("payload", new JsonObject().put("n", 1)),
        200);
    asDescribed("POST", "/dead/" + dead + "/redrive", new JsonObject(), 200);
    asDescribed("POST", "/dead/" + dying + "/purge", new JsonObject(), 200);
    for (String action : List.of("redrive", "purge")) {
      asDescribed(
          "POST", "/dead/bulk", new JsonObject().put("action", action).put("filter", filter), 200);
      asDescribed(
          "POST",
          "/dead/bulk",
          new JsonObject().put("action", action).put("filter", filter).put("dryRun", true),
          200);
    }
    for (String action : List.of("sync", "pause", "resume")) {
      asDescribed("POST", "/mailboxes/" + kit.alice + "/" + action, new JsonObject(), 200);
    }
    for (String what : List.of("/kinds/" + kind, "/queues/default")) {
      for (String action : List.of("/pause", "/resume", "/limits")) {
        asDescribed("POST", what + action, new JsonObject(), 200);
      }
    }
    asDescribed("POST", "/checks/keys/repair", new JsonObject(), 200);
    asDescribed("POST", "/logout", new JsonObject(), 200);
    asDescribed("POST", "/schedules/none/pause", new JsonObject(), 404);
    asDescribed("POST", "/jobs", new JsonObject().put("kind", 1), 400);
    asDescribed("GET", "/jobs?limit=0", null, 400);
    asDescribed("GET", "/jobs/999999999", null, 404);
  }

  private static void asDescribed(String method, String path, JsonObject body, int status)
      throws Exception {
    asDescribed(method, path, body, status, ApiTestKit.OPERATOR);
  }

  private static void asDescribed(
      String method, String path, JsonObject body, int status, String token) throws Exception {
    JsonObject operation = operation(method, path.replaceFirst("\\?.*", ""));
    HttpResponse<String> answer =
        kit.send(method, "/api/v1" + path, token, body == null ? null : body.encode());
    assertEquals(status, answer.statusCode(), method + " " + path + ": " + answer.body());
    String type = answer.headers().firstValue("Content-Type").orElse("");
    JsonObject responses = operation.getJsonObject("responses");
    JsonObject content =
        responses
            .getJsonObject(Integer.toString(status), responses.getJsonObject("default"))
            .getJsonObject("content");
    assertTrue(content.containsKey(type), type + " of " + path);
    matches(
        content.getJsonObject(type).getJsonObject("schema"), new JsonObject(answer.body()), path);
    if (body != null && status == 200) {
      matches(
          operation
              .getJsonObject("requestBody")
              .getJsonObject("content")
              .getJsonObject("application/json")
              .getJsonObject("schema"),
          body,
          path);
    }
  }

  private static JsonObject operation(String method, String path) {
    for (Endpoint endpoint : kit.table()) {
      if (endpoint.method().name().equals(method) && endpoint.isAt("/api/v1" + path)) {
        return description
            .getJsonObject("paths")
            .getJsonObject(endpoint.path().replaceAll(":([a-z]+)", "{$1}"))
            .getJsonObject(method.toLowerCase(java.util.Locale.ROOT));
      }
    }
    throw new AssertionError("no route for " + path);
  }

  private static void matches(JsonObject schema, Object value, String what) {
    OutputUnit result =
        Validator.create(
                JsonSchema.of((JsonObject) resolved(schema)),
                new JsonSchemaOptions()
                    .setBaseUri("https://millrace.example")
                    .setDraft(Draft.DRAFT202012))
            .validate(value);
    assertTrue(
        result.getValid(), () -> what + ": " + result.toJson().encodePrettily() + "\n" + value);
  }

  /** With what it refers to in its place. */
  private static Object resolved(Object part) {
    if (part instanceof JsonArray array) {
      List<Object> items = new ArrayList<>();
      array.forEach(item -> items.add(resolved(item)));
      return new JsonArray(items);
    }
    if (!(part instanceof JsonObject object)) {
      return part;
    }
    if (object.getValue("$ref") instanceof String ref) {
      String name = ref.substring(ref.lastIndexOf('/') + 1);
      return resolved(
          description.getJsonObject("components").getJsonObject("schemas").getJsonObject(name));
    }
    JsonObject copy = new JsonObject();
    object.forEach(e -> copy.put(e.getKey(), resolved(e.getValue())));
    return copy;
  }
}
