package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.DeadLetters;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is looked at costs the jobs nothing, and ends. */
@Timeout(60)
class ApiReadsTest {
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

  @Test
  void aReadThatTakesTooLongEndsAndSaysSo() throws Exception {
    SqlConnection other = ApiTestKit.await(kit.database.pool().getConnection());
    try {
      ApiTestKit.await(other.query("begin").execute());
      ApiTestKit.await(other.query("lock table audit_log in access exclusive mode").execute());
      HttpResponse<String> answer = kit.send("GET", "/api/v1/audit", ApiTestKit.OPERATOR, null);
      assertEquals(503, answer.statusCode());
      assertEquals("too_slow", new JsonObject(answer.body()).getString("code"));
      assertEquals(
          0,
          kit.number(
              "select count(*) from pg_stat_activity where application_name = 'millrace' and state = 'active' and query like '%from audit_log%' and pid <> pg_backend_pid()"));
    } finally {
      ApiTestKit.await(other.query("rollback").execute());
      ApiTestKit.await(other.close());
    }
  }

  @Test
  void howManyLettersAreLookedThroughIsBounded() throws Exception {
    kit.dead(kit.alice, 7);
    kit.run("update job_dead set reason = 'lost', dead_at = clock() - interval '1 day'");
    kit.run(
        """
        insert into job_dead (user_id, id, dead_at, day, run, kind, priority, failures, ties, reason, error)
        select 1, 900000000 + n, clock(), current_date, 1, (select min(id) from job_kind), 0, 1, 0, 'exhausted', '{}'
          from generate_series(1, 50001) n""");
    JsonObject first = kit.get("/dead?reason=lost");
    assertTrue(first.getJsonArray("items").isEmpty());
    assertNotNull(first.getString("next"));
    JsonArray second =
        kit.get("/dead?reason=lost&after=" + first.getString("next")).getJsonArray("items");
    assertEquals(1, second.size());
    kit.run("delete from job_dead");
  }

  /** As jsonb it is several times as large. */
  @Test
  void aPayloadOfManySmallNumbersIsTaken() throws Exception {
    long id = kit.dead(kit.alice, 7);
    String ones = "{\"a\":[" + "1,".repeat(500_000) + "1]}";
    assertTrue(
        ApiTestKit.await(
            new DeadLetters(kit.database.pool(), kit.jobs.kinds()).edit(kit.alice, id, ones)));
  }

  @Test
  void howManyAreLookedAtToCountIsBounded() throws Exception {
    long job = kit.later(kit.alice);
    kit.run(
        """
        insert into job_scheduled (user_id, id, run_at, day, run, kind, priority, failures, ties, why)
        select 1, 900000000 + n, clock() + interval '1 day', current_date, 0, (select kind from job_scheduled where id = $1),
               0, 0, 0, 'delay'
          from generate_series(1, 100000) n""",
        job);
    JsonObject count =
        kit.post(
            "/jobs/bulk",
            new JsonObject()
                .put("action", "cancel")
                .put("filter", new JsonObject().put("user", 2))
                .put("dryRun", true));
    assertEquals(0, count.getInteger("count"));
    assertTrue(count.getBoolean("atLeast"));
  }
}
