package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.pipeline.GmailSync;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an operator sees and does by the API. */
@Timeout(60)
class ApiTest {
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

  private static List<Long> ids(JsonObject page) {
    return page.getJsonArray("items").stream().map(j -> ((JsonObject) j).getLong("id")).toList();
  }

  @Test
  void jobsAreFoundByWhatTheyAre() throws Exception {
    long waits = kit.later(kit.alice);
    long died = kit.dead(kit.bob, 7);
    assertEquals(List.of(died, waits), ids(kit.get("/jobs")));
    assertEquals(List.of(waits), ids(kit.get("/jobs?state=scheduled")));
    assertEquals(List.of(died), ids(kit.get("/jobs?state=dead&kind=" + ApiTestKit.KIND)));
    assertEquals(List.of(died), ids(kit.get("/jobs?user=" + kit.bob)));
    assertEquals(List.of(died), ids(kit.get("/jobs?error=BELOW+0")));
    assertEquals(List.of(), ids(kit.get("/jobs?kind=nothing")));
    assertEquals(List.of(), ids(kit.get("/jobs?batch=1")));
    assertEquals(List.of(waits), ids(kit.get("/jobs?from=2020-01-01T00:00:00Z&state=scheduled")));
    assertEquals(List.of(), ids(kit.get("/jobs?until=2020-01-01T00:00:00Z")));
  }

  @Test
  void pagesShowEachJobOnce() throws Exception {
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      all.add(kit.later(kit.alice));
    }
    Collections.reverse(all);
    List<Long> seen = new ArrayList<>();
    String next = "";
    while (next != null) {
      JsonObject page = kit.get("/jobs?limit=3" + (next.isEmpty() ? "" : "&after=" + next));
      seen.addAll(ids(page));
      next = page.getString("next");
    }
    assertEquals(all, seen);
  }

  @Test
  void aJobTellsAllThatIsKnownOfIt() throws Exception {
    long id = kit.later(kit.alice);
    JsonObject job = kit.get("/jobs/" + id);
    assertEquals("scheduled", job.getString("state"));
    assertEquals(1, job.getJsonObject("payload").getInteger("n"));
    assertEquals("schedule", job.getJsonArray("waitsFor").getJsonObject(0).getString("cause"));
    refused(404, "not_found", kit.send("GET", "/api/v1/jobs/1", ApiTestKit.OPERATOR, null));
  }

  @Test
  void whatIsReadOftenIsSentOnce() throws Exception {
    long id = kit.later(kit.alice);
    for (String path : List.of("/jobs", "/jobs/" + id, "/queues", "/mailboxes", "/kinds")) {
      HttpResponse<String> first = kit.send("GET", "/api/v1" + path, ApiTestKit.VIEWER, null);
      String etag = first.headers().firstValue("ETag").orElseThrow();
      HttpResponse<String> again =
          kit.send("GET", "/api/v1" + path, ApiTestKit.VIEWER, null, "If-None-Match", etag);
      assertEquals(304, again.statusCode(), path);
      assertEquals("", again.body());
    }
  }

  @Test
  void jobsAreMovedAndEnded() throws Exception {
    long id = kit.later(kit.alice);
    assertEquals(
        "scheduled", kit.post("/jobs/" + id + "/priority", body("priority", 5)).getString("state"));
    assertEquals(5, kit.get("/jobs/" + id).getInteger("priority"));
    long other = kit.later(kit.alice);
    assertEquals(
        "cancelled",
        kit.post("/jobs/" + other + "/cancel", body("reason", "not wanted")).getString("state"));
    assertEquals("not wanted", kit.get("/jobs/" + other).getString("note"));
    refused(409, "not_live", tried("/jobs/" + other + "/cancel", body()));
    assertTrue(kit.post("/jobs/" + id + "/hurry", body()).getBoolean("changed"));
    kit.until(id, "completed");
    refused(409, "not_scheduled", tried("/jobs/" + id + "/hurry", body()));
  }

  @Test
  void aPayloadThatItsKindRefusesIsToldByField() throws Exception {
    JsonObject problem =
        refused(
            422,
            "payload_refused",
            tried(
                "/jobs", body("kind", ApiTestKit.KIND, "user", 1, "payload", body("n", "seven"))));
    assertEquals("payload.n", problem.getJsonArray("errors").getJsonObject(0).getString("field"));
    refused(422, "refused", tried("/jobs", body("kind", "x", "user", 1, "payload", body())));
  }

  @Test
  void allFaultsAreToldAtOnce() throws Exception {
    JsonObject problem =
        refused(400, "invalid", tried("/jobs", body("user", -1, "priority", 11, "colour", "red")));
    List<String> fields =
        problem.getJsonArray("errors").stream()
            .map(e -> ((JsonObject) e).getString("field"))
            .sorted()
            .toList();
    assertEquals(List.of("colour", "kind", "payload", "priority", "user"), fields);
  }

  @Test
  void manyAreEndedAfterTheyAreCounted() throws Exception {
    for (int i = 0; i < 5; i++) {
      kit.later(i % 2 == 0 ? kit.alice : kit.bob);
    }
    JsonObject wish = body("action", "cancel", "filter", body("user", kit.alice));
    assertEquals(3, kit.post("/jobs/bulk", wish.copy().put("dryRun", true)).getInteger("count"));
    assertEquals(5, kit.number("select count(*) from job_scheduled"));
    assertEquals(3, kit.post("/jobs/bulk", wish).getInteger("cancelled"));
    assertEquals(2, kit.number("select count(*) from job_scheduled"));
  }

  @Test
  void deadLettersAreGroupedExplainedAndRedriven() throws Exception {
    long first = kit.dead(kit.alice, 17);
    kit.dead(kit.bob, 4711);
    JsonArray groups = kit.get("/dead/groups").getJsonArray("items");
    assertEquals(1, groups.size(), groups.encode());
    JsonObject group = groups.getJsonObject(0);
    assertEquals(2, group.getInteger("letters"));
    assertEquals(2, group.getInteger("users"));
    assertFalse(group.getString("meaning").isBlank());
    JsonObject letter = kit.get("/dead/" + first);
    assertEquals(-17, letter.getJsonObject("payload").getInteger("n"));
    refused(
        422,
        "payload_refused",
        tried("/dead/" + first + "/payload", body("payload", body("n", "x"))));
    kit.post("/dead/" + first + "/payload", body("payload", body("n", 1)));
    assertEquals(
        body("bytes", 7, "sha256", Digest.hex("{\"n\":1}")),
        kit.get("/audit?limit=1&action=dead.payload")
            .getJsonArray("items")
            .getJsonObject(0)
            .getJsonObject("detail"));
    long job = kit.post("/dead/" + first + "/redrive", body()).getLong("job");
    kit.until(job, "completed");
    refused(409, "redriven", tried("/dead/" + first + "/redrive", body()));
    JsonObject wish = body("action", "redrive", "filter", body("group", group.getString("group")));
    assertEquals(1, kit.post("/dead/bulk", wish.copy().put("dryRun", true)).getInteger("count"));
    assertEquals(1, kit.post("/dead/bulk", wish).getInteger("redriven"));
    kit.until(() -> ids(kit.get("/dead")).size() == 1);
    long last = ids(kit.get("/dead")).get(0);
    kit.post("/dead/" + last + "/purge", body());
    refused(404, "not_found", kit.send("GET", "/api/v1/dead/" + last, ApiTestKit.OPERATOR, null));
    assertEquals(
        1,
        kit.post(
                "/dead/bulk",
                body("action", "purge", "filter", body("redriven", true, "user", kit.alice)))
            .getInteger("purged"));
  }

  @Test
  void queuesAndKindsArePausedAndLimited() throws Exception {
    kit.post("/kinds/" + ApiTestKit.KIND + "/pause", body());
    long id =
        kit.post("/jobs", body("kind", ApiTestKit.KIND, "user", 1, "payload", body("n", 1)))
            .getLong("job");
    kit.until(
        () ->
            kit.get("/jobs/" + id).getJsonArray("waitsFor").stream()
                .anyMatch(c -> "paused".equals(((JsonObject) c).getString("cause"))));
    kit.post("/kinds/" + ApiTestKit.KIND + "/resume", body());
    kit.until(id, "completed");
    kit.post("/kinds/" + ApiTestKit.KIND + "/limits", body("maxPerUser", 3));
    assertEquals(
        3,
        kit.one(
            Integer.class, "select max_per_user from job_kind where name = $1", ApiTestKit.KIND));
    kit.post("/kinds/" + ApiTestKit.KIND + "/limits", body());
    kit.post("/queues/default/limits", body("maxRunning", 50));
    kit.post("/queues/default/pause", body());
    JsonObject queue = kit.get("/queues").getJsonArray("items").getJsonObject(0);
    assertTrue(queue.getBoolean("paused"));
    assertEquals(50, queue.getInteger("maxRunning"));
    kit.post("/queues/default/resume", body());
    kit.post("/queues/default/limits", body("maxRunning", null));
    refused(404, "not_found", tried("/queues/none/pause", body()));
  }

  private static void noSyncIsUnderWay() throws Exception {
    kit.until(
        () -> kit.number("select count(*) from job where state in ('ready', 'running')") == 0);
  }

  @Test
  void mailboxesAreSwitched() throws Exception {
    String path = "/mailboxes/" + kit.bob;
    kit.post(path + "/pause", body("reason", "too much mail"));
    assertEquals("too much mail", kit.get(path).getString("pausedWhy"));
    assertEquals("paused", kit.get(path).getJsonObject("wait").getString("reason"));
    refused(409, "unchanged", tried(path + "/pause", body()));
    refused(409, "paused", tried(path + "/sync", body()));
    kit.post(path + "/resume", body());
    assertNull(kit.get(path).getString("pausedAt"));
    kit.until(() -> kit.number("select count(*) from job_outcome") >= 1);
    noSyncIsUnderWay();
    kit.post(path + "/sync", body());
    noSyncIsUnderWay();
    kit.post(path + "/resync", body());
    noSyncIsUnderWay();
    kit.post("/kinds/" + GmailSync.KIND + "/pause", body());
    kit.post(path + "/sync", body());
    long logged = kit.number("select count(*) from audit_log");
    refused(409, "under_way", tried(path + "/sync", body()));
    assertEquals(logged, kit.number("select count(*) from audit_log"));
    kit.post("/kinds/" + GmailSync.KIND + "/resume", body());
    kit.run("insert into account (email) values ('gone@example.org')");
    kit.run("insert into mailbox (user_id) select user_id from account where email like 'gone@%'");
    long gone = kit.number("select user_id from account where email = 'gone@example.org'");
    refused(409, "disconnected", tried("/mailboxes/" + gone + "/sync", body()));
    kit.post("/mailboxes/" + gone + "/disconnect", body());
    assertNotNull(kit.get("/mailboxes/" + gone).getString("disconnectedAt"));
    kit.run("delete from mailbox where user_id = $1", gone);
    kit.run("delete from account where user_id = $1", gone);
    refused(404, "not_found", tried("/mailboxes/999999999/sync", body()));
  }

  @Test
  void aCheckIsRunAndTold() throws Exception {
    // Of a kind that nobody runs: it must be the check that finds it.
    kit.run("insert into job_kind (name) values ('nobodys')");
    kit.run(
        """
        insert into job_ready (user_id, id, rank, ready_at, day, run, kind, priority, failures, ties)
        select 1, 77777777777, 1, clock(), current_date, 0, id, 0, 0, 0 from job_kind where name = 'nobodys'""");
    String key = "repair-" + System.nanoTime();
    JsonObject found = kit.post("/checks/bodies/repair", body(), "Idempotency-Key", key);
    assertEquals(1, found.getInteger("found"), found.encode());
    kit.until(() -> lastFound("bodies") == 1);
    // The log, and the answer to who asks again, are what was found.
    JsonObject row = kit.get("/audit?limit=1&action=check.repair");
    assertEquals(found, row.getJsonArray("items").getJsonObject(0).getJsonObject("result"));
    assertEquals(found, kit.post("/checks/bodies/repair", body(), "Idempotency-Key", key));
    // What is well by now is not told as ill.
    assertEquals(0, kit.post("/checks/bodies/repair", body()).getInteger("found"));
    kit.until(() -> lastFound("bodies") == 0);
  }

  private static int lastFound(String check) throws Exception {
    return kit.get("/checks").getJsonArray("items").stream()
        .map(c -> (JsonObject) c)
        .filter(c -> c.getString("name").equals(check) && c.getJsonObject("last") != null)
        .mapToInt(c -> c.getJsonObject("last").getInteger("found"))
        .findFirst()
        .orElse(-1);
  }

  @Test
  void theWholeIsToldAtAGlance() throws Exception {
    kit.later(kit.alice);
    JsonObject overview = kit.get("/overview");
    assertEquals(1, overview.getJsonObject("waiting").getInteger("scheduled"));
    assertTrue(overview.getJsonObject("mailboxes").getInteger("mailboxes") >= 2);
    assertEquals(
        "alive", kit.get("/workers").getJsonArray("items").getJsonObject(0).getString("state"));
    assertNotNull(kit.get("/limits").getJsonArray("quota"));
  }
}
