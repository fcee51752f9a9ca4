package io.millrace.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A patient client gets all that can be had, and the report agrees with what it saw. */
class FaultyPeerTest {
  private static final int PATIENCE = 40;
  private SimTestKit kit;
  private String token;
  private long throttled;
  private final AtomicLong nanos = new AtomicLong();

  @Test
  void whatIsNotSpoiltForGoodCanBeFetched() {
    kit =
        new SimTestKit(
            SimOptions.defaults()
                .withProfile("unlimited")
                .withFaults("harsh")
                .withTimeScale(1000)
                .withMailboxes(1)
                .withMessages(1500),
            new SimClock(nanos::get, () -> Instant.EPOCH.plusNanos(nanos.get()), 1000));
    try {
      Set<String> ids = list();
      int stored = 0;
      int gone = 0;
      int bad = 0;
      for (String id : ids) {
        switch (fetch("messages/" + id + "?format=minimal")) {
          case 200 -> stored++;
          case 404 -> gone++;
          default -> bad++;
        }
      }
      SimReport report = kit.simulator.report();
      assertEquals(ids.size(), stored + gone + bad);
      assertTrue(stored > 1_000 && gone > 0, stored + " stored, " + gone + " gone");
      assertEquals(report.permanentlyBad(), bad);
      assertEquals(report.deletedInMidSync(), gone);
      assertEquals(throttled, report.throttled());
      assertTrue(report.arrivedInMidSync() > 0);
      assertTrue(report.faults().get("DISCONNECT") > 0);
      assertTrue(report.faults().get("SLOW_BODY") > 0);
    } finally {
      kit.close();
    }
  }

  @Test
  void nothingGoesWrongWithoutFaults() {
    kit = new SimTestKit(SimOptions.defaults().withProfile("unlimited").withMailboxes(1));
    try {
      for (String id : list()) {
        assertEquals(200, once("messages/" + id + "?format=minimal").statusCode());
      }
      SimReport report = kit.simulator.report();
      assertTrue(report.faults().values().stream().allMatch(count -> count == 0));
      assertEquals(0, report.throttled() + report.permanentlyBad() + report.refetched());
      assertEquals(report.calls().get("messages.get"), report.messagesDelivered());
    } finally {
      kit.close();
    }
  }

  private Set<String> list() {
    Set<String> ids = new LinkedHashSet<>();
    Set<String> tokens = new HashSet<>();
    String page = "";
    do {
      JsonObject answer = json("messages?maxResults=50" + page);
      for (Object message : answer.getJsonArray("messages", new JsonArray())) {
        ids.add(((JsonObject) message).getString("id"));
      }
      String next = answer.getString("nextPageToken");
      page = next == null ? "" : "&pageToken=" + next;
      assertTrue(next == null || tokens.add(next), "the same page twice");
    } while (!page.isEmpty());
    return ids;
  }

  private JsonObject json(String path) {
    for (int attempt = 0; attempt < PATIENCE; attempt++) {
      HttpResponse<String> answer = once(path);
      if (answer != null && answer.statusCode() == 200 && readable(answer.body())) {
        return new JsonObject(answer.body());
      }
    }
    throw new AssertionError("no answer for " + path);
  }

  /** The last status after some patience; a 404 counts when it comes twice; -1 = unreadable. */
  private int fetch(String path) {
    int last = -1;
    for (int attempt = 0; attempt < PATIENCE; attempt++) {
      HttpResponse<String> answer = once(path);
      int status = answer == null ? -1 : answer.statusCode();
      if (status == 200 && readable(answer.body())) {
        return 200;
      }
      if (status == 404 && last == 404) {
        return 404;
      }
      last = status == 200 ? -1 : status;
    }
    return last;
  }

  private static boolean readable(String body) {
    try {
      return !new JsonObject(body).isEmpty();
    } catch (DecodeException e) {
      return false;
    }
  }

  /** One attempt; null when there was no whole answer. */
  private HttpResponse<String> once(String path) {
    if (token == null) {
      token = kit.accessToken(0);
    }
    try {
      HttpResponse<String> answer = kit.get("gmail/v1/users/me/" + path, token);
      boolean limit = answer.body().contains("imitExceeded");
      throttled += answer.statusCode() == 429 || (answer.statusCode() == 403 && limit) ? 1 : 0;
      token = answer.statusCode() == 401 ? null : token;
      if (answer.body().contains("Retry after")) {
        nanos.addAndGet(31_000_000);
      }
      return answer;
    } catch (UncheckedIOException e) {
      return null;
    }
  }
}
