package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Behind a proxy it is known who asks, and that browsers speak TLS. */
@Timeout(60)
class ProxyTest {
  private static ApiTestKit kit;

  @BeforeAll
  static void open() throws Exception {
    kit = new ApiTestKit();
  }

  @AfterAll
  static void close() throws Exception {
    kit.close();
  }

  private static AccessSettings behind(List<String> proxies) {
    AccessSettings access = ApiTestKit.access();
    return new AccessSettings(
        access.tokens(),
        access.provider(),
        access.url(),
        access.names(),
        access.session(),
        access.callsPerSecond(),
        access.allCallsPerSecond(),
        proxies,
        access.jobsPerUser());
  }

  private static String origin(List<String> proxies, String... headers) throws Exception {
    try (SecondConsole console = SecondConsole.open(kit, behind(proxies))) {
      long job = kit.later(kit.alice);
      HttpResponse<String> answer =
          kit.send(
              console.port(),
              "POST",
              "/api/v1/jobs/" + job + "/cancel",
              ApiTestKit.OPERATOR,
              "{}",
              headers);
      assertEquals(200, answer.statusCode(), answer.body());
      JsonObject row =
          kit.get("/audit?limit=1&target=job+" + job).getJsonArray("items").getJsonObject(0);
      return row.getString("origin");
    }
  }

  @Test
  void theLastHopOfAKnownProxyIsBelieved() throws Exception {
    List<String> here = List.of("127.0.0.1");
    assertEquals("203.0.113.9", origin(here, "X-Forwarded-For", "6.6.6.6, 203.0.113.9"));
    assertEquals(
        "203.0.113.9",
        origin(
            List.of("127.0.0.1", "10.0.0.2"), "X-Forwarded-For", "6.6.6.6,203.0.113.9, 10.0.0.2"));
    assertEquals("127.0.0.1", origin(here, "X-Forwarded-For", "6.6.6.6, nonsense"));
    assertEquals("127.0.0.1", origin(here));
  }

  @Test
  void nobodyElseIs() throws Exception {
    assertEquals("127.0.0.1", origin(List.of(), "X-Forwarded-For", "203.0.113.9"));
    assertEquals("127.0.0.1", origin(List.of("10.0.0.2"), "X-Forwarded-For", "203.0.113.9"));
  }

  @Test
  void aSubscriberOfIpv6IsOneNetwork() {
    assertEquals(Origins.network("2001:db8::1"), Origins.network("2001:db8::ffff:2"));
    assertTrue(!Origins.network("2001:db8::1").equals(Origins.network("2001:db8:0:1::1")));
    assertEquals("203.0.113.9", Origins.network("203.0.113.9"));
  }

  /** The console of the kit speaks plain HTTP, and its URL is https. */
  @Test
  void behindAProxyThatSpeaksTlsBrowsersAreHeldToIt() throws Exception {
    assertTrue(
        kit.send("GET", "/", null, null)
            .headers()
            .firstValue("Strict-Transport-Security")
            .isPresent());
  }
}
