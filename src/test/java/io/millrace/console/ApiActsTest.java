package io.millrace.console;

import static io.millrace.console.ApiTestKit.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.Retention;
import io.millrace.store.RetentionSettings;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is done is done once, and leaves one row in the audit log. */
@Timeout(60)
class ApiActsTest {
  private static ApiTestKit kit;

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

  private static JsonObject body(Object... pairs) {
    JsonObject body = new JsonObject();
    for (int i = 0; i < pairs.length; i += 2) {
      body.put((String) pairs[i], pairs[i + 1]);
    }
    return body;
  }

  private static JsonObject refused(int status, String code, HttpResponse<String> answer) {
    assertEquals(status, answer.statusCode(), answer.body());
    assertEquals(
        "application/problem+json", answer.headers().firstValue("Content-Type").orElse(""));
    JsonObject problem = new JsonObject(answer.body());
    assertEquals(code, problem.getString("code"));
    return problem;
  }

  private HttpResponse<String> tried(String path, JsonObject body, String... headers)
      throws Exception {
    return kit.send("POST", "/api/v1" + path, ApiTestKit.OPERATOR, body.encode(), headers);
  }

  @Test
  void everyActionLeavesOneRowAndNoRefusalDoes() throws Exception {
    long id = kit.later(kit.alice);
    long before = kit.number("select count(*) from audit_log");
    kit.post("/jobs/" + id + "/cancel", body("reason", "enough"));
    refused(409, "not_live", tried("/jobs/" + id + "/cancel", body()));
    assertEquals(before + 1, kit.number("select count(*) from audit_log"));
    JsonObject row =
        kit.get("/audit?limit=1&action=job&target=job+" + id)
            .getJsonArray("items")
            .getJsonObject(0);
    assertEquals("op", row.getString("actor"));
    assertEquals("job.cancel", row.getString("action"));
    assertEquals("127.0.0.1", row.getString("origin"));
    assertEquals("enough", row.getJsonObject("detail").getString("reason"));
    assertEquals("cancelled", row.getJsonObject("result").getString("state"));
  }

  @Test
  void theAuditLogCanOnlyGrow() throws Exception {
    kit.post("/jobs/" + kit.later(kit.alice) + "/cancel", body());
    for (String change :
        List.of(
            "update audit_log set actor = 'somebody'",
            "delete from audit_log",
            "truncate audit_log")) {
      PgException e = assertThrows(PgException.class, () -> kit.run(change), change);
      assertTrue(e.getMessage().contains("append-only"), e.getMessage());
    }
  }

  @Test
  void theAuditLogIsForgottenAfterItsTimeAndNotBefore() throws Exception {
    kit.post("/jobs/" + kit.later(kit.alice) + "/cancel", body());
    for (int days : List.of(500, 399, 31)) {
      kit.run(
          """
          insert into audit_log (at, actor, role, action, target, origin, detail, result)
          values (clock() - $1 * interval '1 day', 'old', 'operator', 'x', 'y', 'z', '{}', '{}')""",
          days);
    }
    for (String change :
        List.of(
            "delete from audit_log where actor = 'old'",
            "select set_config('millrace.forget', 'audit_log', false); delete from audit_log where actor <> 'old'")) {
      assertThrows(
          PgException.class, () -> await(kit.database.pool().query(change).execute()), change);
    }
    long young = kit.number("select count(*) from audit_log where actor <> 'old'");
    await(
        new Retention(
                kit.database.pool(),
                new RetentionSettings(7, 7, Duration.ofHours(1), Map.of(), 400))
            .sweep());
    assertEquals(2, kit.number("select count(*) from audit_log where actor = 'old'"));
    kit.number("select forget_audit(1, 1000)::bigint");
    assertEquals(0, kit.number("select count(*) from audit_log where actor = 'old'"));
    assertEquals(young, kit.number("select count(*) from audit_log"), "30 days at the least");
  }

  @Test
  void aRequestWithAKeyIsDoneOnceHoweverOftenItComes() throws Exception {
    JsonObject job =
        body(
            "kind",
            ApiTestKit.KIND,
            "user",
            1,
            "payload",
            body("n", 1),
            "runAt",
            "2090-01-01T00:00:00Z");
    String key = "key-" + System.nanoTime();
    List<Long> ids =
        IntStream.range(0, 8)
            .parallel()
            .mapToObj(
                i -> {
                  try {
                    return kit.post("/jobs", job, "Idempotency-Key", key).getLong("job");
                  } catch (Exception e) {
                    throw new IllegalStateException(e);
                  }
                })
            .distinct()
            .toList();
    assertEquals(1, ids.size());
    assertEquals(1, kit.number("select count(*) from job_scheduled"));
    HttpResponse<String> again = tried("/jobs", job, "Idempotency-Key", key);
    assertEquals("true", again.headers().firstValue("Idempotent-Replayed").orElse(""));
    refused(
        422,
        "idempotency_key_reused",
        tried("/jobs", job.copy().put("user", 2), "Idempotency-Key", key));
  }

  /** Whoever comes second finds the work done, and is answered as the first. */
  @Test
  void twoThatComeAtOnceAreAnsweredAlike() throws Exception {
    for (int round = 0; round < 5; round++) {
      String path = "/jobs/" + kit.later(kit.alice) + "/cancel";
      String key = "race-" + System.nanoTime();
      List<JsonObject> answers =
          IntStream.range(0, 8)
              .parallel()
              .mapToObj(
                  i -> {
                    try {
                      return kit.post(path, body(), "Idempotency-Key", key);
                    } catch (Exception e) {
                      throw new IllegalStateException(e);
                    }
                  })
              .distinct()
              .toList();
      assertEquals(List.of(body("state", "cancelled")), answers);
    }
  }
}
