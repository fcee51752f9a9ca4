package io.millrace.console;

import static io.millrace.console.ApiTestKit.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.pipeline.MailboxWait;
import io.millrace.store.EndUsers;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An end user sees what is theirs, and nothing else, by whatever way they try. */
@Timeout(60)
class EndUserTest {
  /** What must never be seen by Alice. */
  private static final String SECRET = "of-bob-only";

  private static final List<String> INJECTIONS =
      List.of(
          "' or '1'='1",
          "'; select set_config('millrace.user', '%d', true); --",
          "1 or 1=1",
          "1); reset role; --",
          "0 union select * from job",
          "\\",
          "%27%20or%201=1",
          "$1",
          "{}",
          "-1",
          "٣",
          "null");

  private static ApiTestKit kit;
  private long mine;
  private long others;

  @BeforeAll
  static void open() throws Exception {
    kit = new ApiTestKit();
  }

  @AfterAll
  static void close() throws Exception {
    kit.close();
  }

  @BeforeEach
  void bring() throws Exception {
    kit.clean();
    kit.run("truncate message");
    kit.message(kit.alice, "m-1", "Hello Alice", Instant.parse("2026-01-02T00:00:00Z"));
    kit.message(kit.alice, "m-2", "Newer", Instant.parse("2026-01-03T00:00:00Z"));
    kit.message(kit.bob, "m-3", SECRET, Instant.parse("2026-01-04T00:00:00Z"));
    mine = kit.later(kit.alice);
    others =
        kit.post(
                "/jobs",
                new JsonObject()
                    .put("kind", ApiTestKit.KIND)
                    .put("user", kit.bob)
                    .put("payload", new JsonObject().put("n", 1))
                    .put("key", SECRET)
                    .put("runAt", "2090-01-01T00:00:00Z"))
            .getLong("job");
  }

  private static HttpResponse<String> alice(String path) throws Exception {
    return kit.send("GET", "/api/v1" + path, ApiTestKit.ALICE, null);
  }

  @Test
  void theirOwnIsShown() throws Exception {
    JsonObject jobs = ApiTestKit.ok(alice("/jobs"));
    assertEquals(1, jobs.getJsonArray("items").size());
    assertEquals(mine, jobs.getJsonArray("items").getJsonObject(0).getLong("id"));
    assertEquals(mine, ApiTestKit.ok(alice("/jobs/" + mine)).getLong("id"));
    JsonObject mailboxes = ApiTestKit.ok(alice("/mailboxes"));
    assertEquals(1, mailboxes.getJsonArray("items").size());
    assertEquals(
        "alice@example.org", ApiTestKit.ok(alice("/mailboxes/" + kit.alice)).getString("email"));
  }

  @Test
  void howManyOthersThereAreIsNotTold() throws Exception {
    kit.run("update job_kind set max_running = 0 where name = $1", ApiTestKit.KIND);
    kit.run("update job_queue set max_running = 0");
    try {
      kit.post("/kinds/" + ApiTestKit.KIND + "/pause", new JsonObject());
      kit.post("/jobs/" + mine + "/hurry", new JsonObject());
      assertEquals(
          Set.of("paused", "kind limit", "queue limit", "rank"), causes(ApiTestKit.OPERATOR));
      assertEquals(Set.of("paused"), causes(ApiTestKit.ALICE));
    } finally {
      kit.post("/kinds/" + ApiTestKit.KIND + "/resume", new JsonObject());
      kit.run("update job_kind set max_running = null where name = $1", ApiTestKit.KIND);
      kit.run("update job_queue set max_running = null");
    }
  }

  private Set<String> causes(String token) throws Exception {
    return ApiTestKit.ok(kit.send("GET", "/api/v1/jobs/" + mine, token, null))
        .getJsonArray("waitsFor")
        .stream()
        .map(cause -> ((JsonObject) cause).getString("cause"))
        .collect(Collectors.toSet());
  }

  @Test
  void theWorkerThatRunsAJobIsNotTold() {
    JsonObject running = new JsonObject().put("cause", "running").put("detail", "worker 7");
    assertEquals(
        new JsonArray().add(new JsonObject().put("cause", "running").putNull("detail")),
        Waits.forEndUser(new JsonArray().add(running)));
  }

  @Test
  void whatTheyCanDoIsToldInTheirWords() {
    for (MailboxWait.Reason reason :
        List.of(MailboxWait.Reason.GRANT_ENDED, MailboxWait.Reason.NOT_CONNECTED)) {
      MailboxWait wait =
          new MailboxWait(
              kit.alice,
              reason,
              "It waits.",
              null,
              null,
              MailboxWait.Action.CONNECT,
              "millrace connect --email alice@example.org",
              null,
              null);
      assertEquals(
          reason == MailboxWait.Reason.NOT_CONNECTED ? "Connect it." : "Connect it again.",
          Waits.forEndUser(wait).remedy());
    }
  }

  @Test
  void theirMailIsReadAsTextTheNewestFirst() throws Exception {
    String path = "/mailboxes/" + kit.alice + "/messages";
    JsonObject page = ApiTestKit.ok(alice(path + "?limit=1"));
    assertEquals("m-2", page.getJsonArray("items").getJsonObject(0).getString("id"));
    JsonObject rest = ApiTestKit.ok(alice(path + "?limit=5&after=" + page.getString("next")));
    assertEquals(1, rest.getJsonArray("items").size());
    assertEquals(null, rest.getString("next"));
    assertEquals("m-1", rest.getJsonArray("items").getJsonObject(0).getString("id"));
    JsonObject message = ApiTestKit.ok(alice(path + "/m-1"));
    assertEquals("Hello Alice", message.getString("subject"));
    assertEquals(ApiTestKit.TEXT, message.getString("text"));
    assertEquals(
        "carol@example.net", message.getJsonArray("people").getJsonObject(0).getString("address"));
    assertEquals(404, alice(path + "/none").statusCode());
  }

  /** Neither by another's number, nor by a message's, nor by looking after the whole. */
  @Test
  void nobodyElseReadsTheirMail() throws Exception {
    for (long user : List.of(kit.alice, kit.bob)) {
      for (String path : List.of("", "/m-3", "/m-3?whole=true", "?after=2027-01-01T00:00:00Z_x")) {
        HttpResponse<String> answer = alice("/mailboxes/" + user + "/messages" + path);
        assertFalse(answer.body().contains(SECRET), path);
        assertTrue(answer.statusCode() == 404 || user == kit.alice, path);
      }
    }
    for (String token : List.of(ApiTestKit.OPERATOR, ApiTestKit.VIEWER)) {
      String path = "/api/v1/mailboxes/" + kit.bob + "/messages";
      assertEquals(403, kit.send("GET", path, token, null).statusCode());
      assertEquals(403, kit.send("GET", path + "/m-3", token, null).statusCode());
    }
  }

  @Test
  void anothersIsNotThere() throws Exception {
    assertEquals(404, alice("/jobs/" + others).statusCode());
    assertEquals(404, alice("/mailboxes/" + kit.bob).statusCode());
    JsonObject page = ApiTestKit.ok(alice("/jobs?user=" + kit.bob));
    assertTrue(page.getJsonArray("items").isEmpty(), page.encode());
  }

  @Test
  void whoHasNoMailboxSeesNothing() throws Exception {
    for (String path : List.of("/jobs", "/mailboxes")) {
      JsonObject page = ApiTestKit.ok(kit.send("GET", "/api/v1" + path, ApiTestKit.STRANGER, null));
      assertTrue(page.getJsonArray("items").isEmpty());
    }
    for (String path : List.of("/jobs/" + mine, "/mailboxes/" + kit.alice)) {
      assertEquals(404, kit.send("GET", "/api/v1" + path, ApiTestKit.STRANGER, null).statusCode());
    }
  }

  /** Every parameter of every route that an end user may use, with every injection. */
  @Test
  void noParameterOpensAnothersRows() throws Exception {
    JsonObject paths = kit.get("/openapi.json").getJsonObject("paths");
    for (Endpoint endpoint : kit.table()) {
      if (!endpoint.roles().contains(Role.USER)) {
        continue;
      }
      String described = endpoint.path().replaceAll(":([a-z]+)", "{$1}");
      String method = endpoint.writes() ? "post" : "get";
      JsonObject operation = paths.getJsonObject(described).getJsonObject(method);
      for (String injection : INJECTIONS) {
        String value =
            URLEncoder.encode(injection.replace("%d", "" + kit.bob), StandardCharsets.UTF_8);
        for (Object o : operation.getJsonArray("parameters", new io.vertx.core.json.JsonArray())) {
          JsonObject parameter = (JsonObject) o;
          String plain =
              described
                  .replace("{job}", "" + mine)
                  .replace("{user}", "" + kit.alice)
                  .replace("{message}", "m-1");
          String path =
              switch (parameter.getString("in")) {
                case "path" ->
                    described
                        .replace("{" + parameter.getString("name") + "}", value.replace("+", "%20"))
                        .replace("{user}", "" + kit.alice)
                        .replace("{message}", "m-1");
                case "query" -> plain + "?" + parameter.getString("name") + "=" + value;
                default -> plain;
              };
          HttpResponse<String> answer =
              kit.send(
                  endpoint.method().name(),
                  path,
                  ApiTestKit.ALICE,
                  endpoint.writes() ? "{}" : null);
          assertTrue(answer.statusCode() < 500, path + ": " + answer.body());
          assertFalse(answer.body().contains(SECRET), path);
          assertFalse(answer.body().contains("bob@example.org"), path);
        }
      }
    }
  }

  /** Even a statement that forgets whose rows it wants gets no others. */
  @Test
  void theDatabaseItselfShowsNoOthersRows() throws Exception {
    EndUsers endUsers = kit.database.endUsers();
    for (String table :
        List.of("account", "mailbox", "job", "job_body", "job_scheduled", "sync_run", "message")) {
      long foreign =
          await(
              endUsers.as(
                  kit.alice,
                  c ->
                      c.query("select count(*) from " + table + " where user_id <> " + kit.alice)
                          .execute()
                          .map(r -> r.iterator().next().getLong(0))));
      assertEquals(0, foreign, table);
    }
    long own =
        await(
            endUsers.as(
                kit.alice,
                c ->
                    c.query("select count(*) from job")
                        .execute()
                        .map(r -> r.iterator().next().getLong(0))));
    assertEquals(1, own);
  }

  @Test
  void withoutAUserThereIsNoRow() throws Exception {
    assertTrue(kit.number("select count(*) from job_scheduled") > 0);
    for (String user : List.of("", "x", "1 or 1=1", "99999999999999999999")) {
      long seen =
          await(
              kit.database
                  .endUsers()
                  .as(
                      0,
                      c ->
                          c.preparedQuery("select set_config('millrace.user', $1, true)")
                              .execute(io.vertx.sqlclient.Tuple.of(user))
                              .compose(v -> c.query("select count(*) from job").execute())
                              .map(r -> r.iterator().next().getLong(0))));
      assertEquals(0, seen, user);
    }
  }

  @Test
  void secretsAndChangesAreOutOfReach() throws Exception {
    for (String sql :
        List.of(
            "select * from google_token",
            "select * from audit_log",
            "select * from console_session",
            "select * from job_scheduled_0",
            "delete from job_scheduled",
            "update mailbox set trouble = 'x'",
            "alter table job_scheduled disable row level security",
            "set role millrace_owner")) {
      assertThrows(
          PgException.class,
          () -> await(kit.database.endUsers().as(kit.alice, c -> c.query(sql).execute())),
          sql);
    }
  }

  /** A table that is added later must not be forgotten: whatever names a user is protected. */
  @Test
  void everyTableThatTheRoleMayReadIsProtected() throws Exception {
    Set<String> free = Set.of("job_kind", "job_queue", "job");
    List<String> open =
        kit
            .rows(
                """
                select c.relname::text as name from pg_class c
                 where c.relnamespace = 'millrace'::regnamespace and c.relkind in ('r', 'p', 'v')
                   and has_table_privilege('millrace_reader', c.oid, 'select') and not c.relrowsecurity""")
            .stream()
            .map(r -> r.getString("name"))
            .filter(n -> !free.contains(n))
            .toList();
    assertEquals(List.of(), open);
  }
}
