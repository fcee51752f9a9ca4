package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the API tells those who keep Millrace running. */
@Timeout(60)
class OperationsApiTest {
  private static ApiTestKit kit;

  @BeforeAll
  static void open() throws Exception {
    kit = new ApiTestKit();
    kit.watched.start();
  }

  @AfterAll
  static void close() throws Exception {
    kit.close();
  }

  @BeforeEach
  void clean() throws Exception {
    kit.clean();
    kit.run("truncate health_sample, usage_daily");
  }

  private static List<JsonObject> all(JsonArray array) {
    return array.stream().map(JsonObject.class::cast).toList();
  }

  @Test
  void anAlertIsOpenUntilItIsOver() throws Exception {
    kit.watched.found("a-test", 3);
    kit.until(() -> !kit.get("/alerts").getJsonArray("items").isEmpty());
    JsonObject open = kit.get("/alerts").getJsonArray("items").getJsonObject(0);
    assertEquals("warn", open.getString("level"));
    assertEquals(
        "jobs that check a-test found stuck: 3, a warning above 0", open.getString("sentence"));
    assertEquals("/runbooks/stuck.md", open.getString("runbook"));
    kit.watched.found("a-test", 0);
    kit.until(() -> kit.get("/alerts").getJsonArray("items").isEmpty());
    JsonObject page = kit.get("/alerts?limit=1");
    JsonObject last = page.getJsonArray("lately").getJsonObject(0);
    assertEquals("ok", last.getString("level"));
    JsonObject before = kit.get("/alerts?limit=1&after=" + page.getString("next"));
    assertEquals("warn", before.getJsonArray("lately").getJsonObject(0).getString("level"));
  }

  @Test
  void everyRunbookIsServedAsPlainText() throws Exception {
    try (Stream<Path> pages = Files.list(Path.of("docs", "runbooks"))) {
      for (Path page : pages.toList()) {
        HttpResponse<String> answer =
            kit.send("GET", "/runbooks/" + page.getFileName(), null, null);
        assertEquals(Files.readString(page), answer.body());
        assertEquals(
            "text/plain; charset=utf-8", answer.headers().firstValue("Content-Type").orElse(""));
      }
    }
  }

  private static long sum(String measure, String of) throws Exception {
    return all(kit.get("/flow").getJsonArray("series")).stream()
        .filter(s -> s.getString("measure").equals(measure) && s.getString("of").equals(of))
        .flatMap(s -> s.getJsonArray("points").stream())
        .mapToLong(n -> n == null ? 0 : ((Number) n).longValue())
        .sum();
  }

  @Test
  void aPageJustOpenedSeesTheLastHour() throws Exception {
    kit.run("truncate flow");
    kit.run(
        """
        insert into flow (minute, measure, what, n)
        select date_trunc('minute', clock()) - m * interval '1 minute', x.measure, x.what, x.n
          from generate_series(1, 70) m
         cross join lateral (values ('completed', 'api-test', 5), ('ids', '', 9000 - 10 * m), ('stored', '', 5000 - m),
                                    ('running', 'here/1', m)) x(measure, what, n)""");
    JsonObject flow = kit.get("/flow");
    assertEquals(60, flow.getInteger("minutes"));
    for (JsonObject series : all(flow.getJsonArray("series"))) {
      assertEquals(60, series.getJsonArray("points").size());
    }
    assertEquals(59 * 5, sum("completed", "api-test"));
    assertEquals(59, sum("running", "here/1") == 59 * 30 ? 59 : -1);
    // The minute under way has a mark by now, or has none yet.
    assertTrue(sum("came", "") >= 59 * 10 - 10, "came " + sum("came", ""));
    kit.dead(kit.alice, 1);
    kit.until(() -> sum("dead", ApiTestKit.KIND) > 0);
    assertEquals(
        "default",
        all(kit.get("/flow").getJsonArray("series")).stream()
            .filter(s -> s.getString("of").equals(ApiTestKit.KIND))
            .findFirst()
            .orElseThrow()
            .getString("queue"));
  }

  @Test
  void healthTellsWhatTookPointsOffAndWhatToDo() throws Exception {
    for (int minute = 0; minute < 10; minute++) {
      kit.run(
          """
          insert into health_sample (kind, at, queue, score, lost, ready, done, failed, ran, run_ms, wait_ms)
          values ($1, clock() - $2 * interval '1 minute', 'default', 85, '[{"points": 15, "why": "600 jobs are ready"}]',
                  600 - 50 * $2, 90, 10, 100, 5000, 700)""",
          ApiTestKit.KIND,
          minute);
    }
    kit.run(
        """
        insert into usage_daily (day, user_id, kind, jobs, dead)
        values ((clock() at time zone 'UTC')::date, $1, 'api-test', 20, 5)""",
        kit.alice);
    JsonObject health = kit.get("/health");
    JsonObject kind = health.getJsonArray("kinds").getJsonObject(0);
    assertEquals(85, kind.getInteger("score"));
    assertEquals("600 jobs are ready", kind.getJsonArray("lost").getJsonObject(0).getString("why"));
    assertEquals(50, kind.getJsonObject("forecast").getDouble("perMinute"), 1);
    assertNull(kind.getJsonObject("forecast").getValue("emptyInMinutes"));
    assertEquals(0, kind.getJsonObject("forecast").getDouble("overInMinutes"));
    assertTrue(kind.getJsonArray("advice").size() > 0);
    assertEquals(85, health.getJsonArray("queues").getJsonObject(0).getInteger("score"));
    JsonObject user = health.getJsonArray("users").getJsonObject(0);
    assertEquals("alice@example.org", user.getString("email"));
    assertEquals(0.75, user.getDouble("success"));
    JsonObject hour = kit.get("/health/hours?hours=2").getJsonArray("items").getJsonObject(0);
    assertEquals(50, hour.getDouble("meanRunMs"));
  }

  @Test
  void costIsToldByUserAndDay() throws Exception {
    for (int back = 0; back < 3; back++) {
      kit.run(
          """
          insert into usage_daily (day, user_id, kind, units, calls, bytes, tokens)
          select (clock() at time zone 'UTC')::date - $1::int, u, 'google_gmail_sync', 10000, 2000, 1048576, 1000000
            from unnest($2::bigint[]) u""",
          back,
          new Long[] {kit.alice, kit.bob});
    }
    JsonObject cost = kit.get("/cost?days=2");
    assertEquals(2, cost.getJsonArray("users").size());
    // 10 thousand units at 0.1, a million tokens at 0.02, a MiB at 0.05 the GiB.
    assertEquals(
        1.02 + 0.05 / 1024, cost.getJsonArray("users").getJsonObject(0).getDouble("cost"), 1e-9);
    assertEquals(
        List.of(20_000L, 20_000L),
        all(cost.getJsonArray("days")).stream().map(d -> d.getLong("units")).toList());
    assertEquals(
        10_000,
        kit.get("/cost?user=" + kit.alice).getJsonArray("days").getJsonObject(0).getLong("units"));
  }

  @Test
  void tokensThatARunTellsOfCountForItsUser() throws Exception {
    long job =
        kit.post(
                "/jobs",
                new JsonObject()
                    .put("kind", ApiTestKit.KIND)
                    .put("user", kit.bob)
                    .put("payload", new JsonObject().put("n", 1_234)))
            .getLong("job");
    kit.until(job, "completed");
    kit.until(
        () ->
            all(kit.get("/cost").getJsonArray("users")).stream()
                .anyMatch(u -> u.getLong("user") == kit.bob && u.getLong("tokens") == 1_234));
  }

  @Test
  void limitsAreToldNowAndOverTime() throws Exception {
    kit.watched.changed("concurrency:a-test", 4, 8, "all went well");
    kit.watched.changed("concurrency:a-test", 8, 6, "5 of 100 runs failed");
    kit.watched.meters.called(kit.alice, 3, 150);
    kit.watched.meters.called(kit.bob, 1, 50);
    kit.until(() -> kit.get("/limits").getJsonArray("history").size() >= 2);
    JsonObject limits = kit.get("/limits");
    List<JsonObject> steps =
        all(limits.getJsonArray("history")).stream()
            .filter(c -> c.getString("what").equals("concurrency:a-test"))
            .toList();
    assertEquals(List.of(8, 6), steps.stream().map(c -> c.getInteger("now")).toList());
    assertEquals("5 of 100 runs failed", steps.get(1).getString("why"));
    assertEquals("breaker:google", limits.getJsonArray("now").getJsonObject(0).getString("what"));
    List<JsonObject> use = all(limits.getJsonArray("use"));
    assertEquals(
        List.of("user", "project", "day"), use.stream().map(u -> u.getString("scope")).toList());
    assertEquals(150, use.get(0).getLong("used"));
    assertEquals(200, use.get(1).getLong("used"));
    assertEquals(15_000, use.get(0).getLong("allowed"));
  }

  @Test
  void badQuestionsAreRefused() throws Exception {
    for (String path :
        List.of(
            "/alerts?limit=0",
            "/alerts?level=warn",
            "/health?hours=1",
            "/health/hours?hours=999999",
            "/flow?minutes=5",
            "/cost?days=0",
            "/cost?user=me")) {
      assertEquals(
          400, kit.send("GET", "/api/v1" + path, ApiTestKit.OPERATOR, null).statusCode(), path);
    }
  }
}
