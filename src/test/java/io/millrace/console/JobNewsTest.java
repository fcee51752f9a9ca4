package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.engine.JobsChanged;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The first word of a job is told at once, the next ones together, and nothing is counted twice.
 */
@Timeout(30)
class JobNewsTest {
  private final Vertx vertx = Vertx.vertx();
  private final BlockingQueue<JsonObject> told = new LinkedBlockingQueue<>();

  @AfterEach
  void close() throws Exception {
    ApiTestKit.await(vertx.close());
  }

  private static JobsChanged changed(int completed, long firstId) {
    return new JobsChanged(
        Map.of("mail", Map.of("completed", completed, "running", 1)),
        LongStream.range(firstId, firstId + 60).boxed().toList());
  }

  private static int completed(JsonObject event) {
    return event.getJsonObject("counts").getJsonObject("mail").getInteger("completed");
  }

  @Test
  void whatComesSoonAfterIsToldTogether() throws Exception {
    JobNews news = new JobNews(vertx, 200, told::add);
    vertx.runOnContext(
        v -> {
          news.heard(changed(1, 0));
          news.heard(changed(10, 100));
          news.heard(changed(100, 200));
        });
    assertEquals(1, completed(told.poll(10, TimeUnit.SECONDS)));
    JsonObject together = told.poll(10, TimeUnit.SECONDS);
    assertEquals(110, completed(together));
    assertEquals(100, together.getJsonArray("jobs").size());
    vertx.runOnContext(v -> news.close());
    assertNull(told.peek());
  }

  @Test
  void withoutATimeNoneWaits() throws Exception {
    JobNews news = new JobNews(vertx, 0, told::add);
    vertx.runOnContext(v -> List.of(1, 2).forEach(n -> news.heard(changed(n, 0))));
    assertEquals(1, completed(told.poll(10, TimeUnit.SECONDS)));
    assertEquals(2, completed(told.poll(10, TimeUnit.SECONDS)));
  }
}
