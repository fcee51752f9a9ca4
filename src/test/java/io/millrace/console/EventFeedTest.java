package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.pipeline.SyncProgress;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens is told as it happens, to those whom it concerns, and nothing is missed. */
@Timeout(60)
class EventFeedTest {
  private static ApiTestKit kit;

  @BeforeAll
  static void open() throws Exception {
    kit = new ApiTestKit();
  }

  @AfterAll
  static void close() throws Exception {
    kit.close();
  }

  private static BufferedReader stream(String token, String lastId) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + kit.console.port() + "/api/v1/events"))
            .header("Authorization", "Bearer " + token);
    if (lastId != null) {
      request.header("Last-Event-ID", lastId);
    }
    return new BufferedReader(
        new InputStreamReader(
            kit.http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream()).body(),
            StandardCharsets.UTF_8));
  }

  /** The next event of a name: its id, and its data behind it. */
  private static String[] next(BufferedReader in, String name) throws Exception {
    String id = null;
    boolean wanted = false;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("event: ")) {
        wanted = line.equals("event: " + name);
      } else if (line.startsWith("data: ") && wanted) {
        return new String[] {id, line.substring(6)};
      }
    }
    throw new AssertionError("the stream ended");
  }

  private static void publish(long user, long accounted) {
    kit.vertx
        .eventBus()
        .publish(SyncProgress.ADDRESS, new SyncProgress(user, "list", accounted, 100));
  }

  @Test
  void whoComesBackMissesNothingAndAnEndUserHearsOfTheirOwn() throws Exception {
    String first;
    try (BufferedReader all = stream(ApiTestKit.VIEWER, null);
        BufferedReader alice = stream(ApiTestKit.ALICE, null)) {
      all.readLine();
      alice.readLine();
      publish(kit.bob, 1);
      publish(kit.alice, 2);
      String[] seen = next(all, "sync");
      assertTrue(seen[1].contains("\"user\":" + kit.bob), seen[1]);
      first = seen[0];
      assertTrue(next(alice, "sync")[1].contains("\"user\":" + kit.alice));
    }
    publish(kit.alice, 3);
    try (BufferedReader again = stream(ApiTestKit.VIEWER, first)) {
      assertTrue(next(again, "sync")[1].contains("\"accounted\":2"));
      assertTrue(next(again, "sync")[1].contains("\"accounted\":3"));
    }
  }

  @Test
  void whoWasAwayForTooLongIsTold() throws Exception {
    for (String id : new String[] {"another0-7", "x", "another0-99999999999999999999"}) {
      try (BufferedReader in = stream(ApiTestKit.VIEWER, id)) {
        assertEquals("{}", next(in, "reset")[1]);
      }
    }
  }

  /** It would not fit into what may wait for a reader, who would be dropped again and again. */
  @Test
  void whoMissedVeryMuchIsToldToLookAnew() throws Exception {
    String first;
    try (BufferedReader in = stream(ApiTestKit.VIEWER, null)) {
      in.readLine();
      publish(kit.alice, 1);
      first = next(in, "sync")[0];
    }
    for (int i = 0; i < 1_500; i++) {
      publish(kit.bob, i);
    }
    try (BufferedReader in = stream(ApiTestKit.VIEWER, first)) {
      assertEquals("{}", next(in, "reset")[1]);
      publish(kit.alice, 4711);
      assertTrue(next(in, "sync")[1].contains("\"accounted\":"));
    }
    try (BufferedReader in = stream(ApiTestKit.ALICE, first)) {
      assertTrue(next(in, "sync")[1].contains("\"accounted\":4711"));
    }
  }
}
