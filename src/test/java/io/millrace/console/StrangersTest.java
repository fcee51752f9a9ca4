package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.lang.reflect.Proxy;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who is not known costs those who are nothing, and the database little. */
@Timeout(60)
class StrangersTest {
  private static final List<AccessSettings.Token> TOKENS = ApiTestKit.access().tokens();
  private static ApiTestKit kit;

  @BeforeAll
  static void open() throws Exception {
    kit = new ApiTestKit();
  }

  @AfterAll
  static void close() throws Exception {
    kit.close();
  }

  private static AccessSettings rates(int each, int all) {
    return new AccessSettings(
        TOKENS,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Duration.ofHours(1),
        each,
        all,
        List.of("127.0.0.1"),
        100);
  }

  private static int status(SecondConsole console, String token, int from) throws Exception {
    return kit.send(
            console.port(),
            "GET",
            "/api/v1/me",
            token,
            null,
            "X-Forwarded-For",
            "203.0.113." + from)
        .statusCode();
  }

  @Test
  void strangersUseUpNothingOfWhatOthersMay() throws Exception {
    try (SecondConsole console = SecondConsole.open(kit, rates(5, 5))) {
      int putOff = 0;
      for (int i = 0; i < 60; i++) {
        putOff += status(console, i % 2 == 0 ? null : "wrong", i % 10) == 429 ? 1 : 0;
      }
      assertTrue(putOff > 0, "strangers are put off");
      assertEquals(200, status(console, ApiTestKit.OPERATOR, 1));
    }
  }

  @Test
  void whatHasToBeLookedUpIsChargedBefore() throws Exception {
    try (SecondConsole console = SecondConsole.open(kit, rates(5, 1_000))) {
      // One a second, two at once: the first is looked up, and the next two are not there.
      assertEquals(200, status(console, ApiTestKit.ALICE, 1));
      for (int i = 0; i < 5; i++) {
        assertEquals(200, status(console, ApiTestKit.ALICE, 1), "known by now");
      }
      status(console, null, 2);
      status(console, null, 2);
      assertEquals(429, status(console, ApiTestKit.BOB, 2));
      assertEquals(200, status(console, ApiTestKit.BOB, 3));
    }
  }

  @Test
  void aLookupThatHangsIsGivenUp() throws Exception {
    SqlConnection other = ApiTestKit.await(kit.database.pool().getConnection());
    try (SecondConsole console = SecondConsole.open(kit, rates(5, 5))) {
      ApiTestKit.await(other.query("begin").execute());
      ApiTestKit.await(other.query("lock table account in access exclusive mode").execute());
      HttpResponse<String> answer =
          kit.send(console.port(), "GET", "/api/v1/me", ApiTestKit.BOB, null);
      assertEquals(503, answer.statusCode());
      assertEquals("database_away", new JsonObject(answer.body()).getString("code"));
    } finally {
      ApiTestKit.await(other.query("rollback").execute());
      ApiTestKit.await(other.close());
    }
  }

  @Test
  void whoIsNotThereIsLookedUpOnceASecond() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    AtomicLong now = new AtomicLong(1_000);
    Identity identity =
        new Identity(
            rates(5, 5),
            false,
            null,
            email -> {
              asked.incrementAndGet();
              return Future.succeededFuture(Optional.empty());
            },
            now::get);
    HttpServerRequest request = showing("Bearer " + ApiTestKit.STRANGER);
    assertFalse(identity.atHand(request));
    for (int i = 0; i < 10; i++) {
      assertEquals(Caller.NOBODY, ApiTestKit.await(identity.of(request)).user());
    }
    assertEquals(1, asked.get());
    assertTrue(identity.atHand(request));
    now.addAndGet(1_100_000_000L);
    ApiTestKit.await(identity.of(request));
    assertEquals(2, asked.get());
  }

  private static HttpServerRequest showing(String authorization) {
    return (HttpServerRequest)
        Proxy.newProxyInstance(
            HttpServerRequest.class.getClassLoader(),
            new Class<?>[] {HttpServerRequest.class},
            (proxy, method, arguments) ->
                method.getName().equals("getHeader") ? authorization : null);
  }
}
