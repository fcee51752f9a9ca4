package io.millrace.console;

import static io.millrace.console.ApiTestKit.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.Mailboxes;
import io.millrace.store.Vault;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No user is given more jobs within an hour than is allowed, and none takes another's. */
@Timeout(60)
class AllowanceTest {
  @Test
  void eachUserHasTheirOwnHour() {
    AtomicLong nanos = new AtomicLong(5);
    Allowance allowance = new Allowance(3, nanos::get);
    for (int i = 0; i < 3; i++) {
      assertEquals(0, allowance.take(1));
    }
    int wait = allowance.take(1);
    assertTrue(wait > 1_190 && wait <= 1_201, "a third of an hour: " + wait);
    assertEquals(0, allowance.take(2));
    nanos.addAndGet(Duration.ofMinutes(20).plusSeconds(1).toNanos());
    assertEquals(0, allowance.take(1));
    assertTrue(allowance.take(1) > 0);
    nanos.addAndGet(Duration.ofHours(5).toNanos());
    for (int i = 0; i < 3; i++) {
      assertEquals(0, allowance.take(1));
    }
    assertTrue(allowance.take(1) > 0, "what was not used is not kept");
  }

  @Test
  void whoSendsTooManyIsToldWhenThereIsRoom() throws Exception {
    ApiTestKit kit = new ApiTestKit();
    try {
      AccessSettings access =
          new AccessSettings(
              List.of(ApiTestKit.token("op", ApiTestKit.OPERATOR, Role.OPERATOR, null)),
              Optional.empty(),
              Optional.empty(),
              List.of(),
              Duration.ofHours(1),
              100,
              1_000,
              List.of(),
              2);
      ConsoleVerticle console =
          new ConsoleVerticle(
                  new ConsoleSettings("127.0.0.1", 0, access, Optional.empty()),
                  new Mailboxes(kit.database.pool(), new Vault(kit.database.keptEncryptionKey())),
                  kit.jobs,
                  "1",
                  "legacy",
                  1)
              .withApi(kit.parts());
      String deployment = await(kit.vertx.deployVerticle(console));
      assertEquals(200, send(kit, console, 7).statusCode());
      assertEquals(200, send(kit, console, 7).statusCode());
      HttpResponse<String> third = send(kit, console, 7);
      assertEquals(429, third.statusCode(), third.body());
      assertEquals("too_many_jobs", new JsonObject(third.body()).getString("code"));
      assertTrue(third.headers().firstValue("Retry-After").isPresent());
      assertEquals(200, send(kit, console, 8).statusCode());
      await(kit.vertx.undeploy(deployment));
    } finally {
      kit.close();
    }
  }

  private static HttpResponse<String> send(ApiTestKit kit, ConsoleVerticle console, long user)
      throws Exception {
    JsonObject job =
        new JsonObject()
            .put("kind", ApiTestKit.KIND)
            .put("user", user)
            .put("payload", new JsonObject().put("n", 1));
    return kit.http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + console.port() + "/api/v1/jobs"))
            .header("Authorization", "Bearer " + ApiTestKit.OPERATOR)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(job.encode()))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
