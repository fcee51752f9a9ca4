package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is done to many is done to those who were meant, and to no others. */
@Timeout(60)
class ApiBulkTest {
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

  private static JsonObject wish(String action, JsonObject filter) {
    return new JsonObject().put("action", action).put("filter", filter);
  }

  @Test
  void aFieldThatIsNullDoesNotMeanEverything() throws Exception {
    long job = kit.later(kit.alice);
    kit.dead(kit.bob, 7);
    for (String field : List.of("kind", "user")) {
      for (JsonObject wish :
          List.of(
              wish("cancel", new JsonObject().putNull(field)),
              wish("redrive", new JsonObject().putNull(field)),
              wish("purge", new JsonObject().putNull(field)))) {
        String path = wish.getString("action").equals("cancel") ? "/jobs/bulk" : "/dead/bulk";
        HttpResponse<String> answer =
            kit.send("POST", "/api/v1" + path, ApiTestKit.OPERATOR, wish.encode());
        assertEquals(400, answer.statusCode(), wish + ": " + answer.body());
        JsonObject fault = new JsonObject(answer.body()).getJsonArray("errors").getJsonObject(0);
        assertEquals(field, fault.getString("field"));
        assertTrue(fault.getString("detail").contains("null"), fault.encode());
      }
    }
    kit.until(job, "scheduled");
    assertEquals(1, kit.number("select count(*) from job_dead where redriven_at is null"));
  }

  @Test
  void whatCameAfterTheCountIsNotTouched() throws Exception {
    long before = kit.later(kit.alice);
    JsonObject wish = wish("cancel", new JsonObject().put("user", kit.alice));
    JsonObject count = kit.post("/jobs/bulk", wish.copy().put("dryRun", true));
    assertEquals(1, count.getInteger("count"));
    assertTrue(count.getLong("upTo") >= before, count.encode());
    long after = kit.later(kit.alice);
    for (String bound : List.of("until", "upTo")) {
      String from = bound.equals("until") ? "at" : "upTo";
      JsonObject bounded = wish.copy();
      bounded.getJsonObject("filter").put(bound, count.getValue(from));
      int cancelled = kit.post("/jobs/bulk", bounded).getInteger("cancelled");
      assertEquals(bound.equals("until") ? 1 : 0, cancelled, bound);
      kit.until(after, "scheduled");
    }
  }

  @Test
  void lettersThatDieAgainAreNotRedrivenAgain() throws Exception {
    long first = kit.dead(kit.alice, 7);
    JsonObject wish = wish("redrive", new JsonObject().put("user", kit.alice));
    JsonObject count = kit.post("/dead/bulk", wish.copy().put("dryRun", true));
    assertEquals(1, count.getInteger("count"));
    wish.getJsonObject("filter").put("until", count.getString("at"));
    assertEquals(1, kit.post("/dead/bulk", wish).getInteger("redriven"));
    long again = kit.number("select redriven_as from job_dead where id = $1", first);
    kit.until(again, "dead");
    assertEquals(0, kit.post("/dead/bulk", wish).getInteger("redriven"));
  }

  @Test
  void aRedriveCountsWhatItWouldTake() throws Exception {
    long first = kit.dead(kit.alice, 7);
    kit.dead(kit.alice, 8);
    long job = kit.post("/dead/" + first + "/redrive", new JsonObject()).getLong("job");
    kit.until(job, "dead");
    JsonObject all = new JsonObject().put("redriven", true).put("user", kit.alice);
    JsonObject purge = wish("purge", all).put("dryRun", true);
    JsonObject redrive = wish("redrive", all).put("dryRun", true);
    assertEquals(3, kit.post("/dead/bulk", purge).getInteger("count"));
    assertEquals(2, kit.post("/dead/bulk", redrive).getInteger("count"));
  }
}
