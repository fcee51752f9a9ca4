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
}
