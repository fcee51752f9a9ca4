package io.millrace.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A client that matches parts by their ids gets through faulty batches, and the counts agree. */
class FaultyBatchTest {
  private static final Pattern PART =
      Pattern.compile(
          "Content-ID: <response-([0-9a-f]+)>\r\n\r\nHTTP/1.1 (\\d+) [^\r]*\r\n.*?\r\n\r\n(.*?)\r\n--",
          Pattern.DOTALL);
  private static final int ROUNDS = 60;
  private static final int MESSAGES = 1_000;

  private final AtomicLong nanos = new AtomicLong();
  private final Map<String, Integer> notFound = new HashMap<>();
  private final Set<String> stored = new HashSet<>();
  private final Set<String> gone = new HashSet<>();
  private long throttled;
  private String token;

  @Test
  void everyPartIsAccountedFor() {
    SimClock clock = new SimClock(nanos::get, () -> Instant.EPOCH.plusNanos(nanos.get()), 1000);
    SimOptions options =
        SimOptions.defaults()
            .withProfile("unlimited")
            .withFaults("harsh")
            .withSeed(3)
            .withTimeScale(1000)
            .withMailboxes(1)
            .withMessages(MESSAGES);
    try (SimTestKit kit = new SimTestKit(options, clock)) {
      GeneratedStore store = new GeneratedStore(Hash.of(3, 7, 0), kit.email(0), MESSAGES);
      List<String> left = new ArrayList<>();
      for (int i = 0; i < MESSAGES; i++) {
        left.add(Hash.hex(store.id(i)));
      }
      for (int round = 0; round < ROUNDS && !left.isEmpty(); round++) {
        for (int from = 0; from < left.size(); from += 20) {
          fetch(kit, left.subList(from, Math.min(left.size(), from + 20)));
        }
        left.removeIf(id -> stored.contains(id) || gone.contains(id));
      }
      SimReport report = kit.simulator.report();
      assertEquals(report.permanentlyBadWithSpamTrash(), left.size());
      assertEquals(report.deletedInMidSync(), gone.size());
      assertEquals(report.throttled(), throttled);
      assertEquals(MESSAGES, stored.size() + gone.size() + left.size());
      Map<String, Long> faults = report.faults();
      assertTrue(
          faults.get("PARTS_REORDERED") + faults.get("PART_MISSING") + faults.get("PART_REPEATED")
              > 0);
    }
  }

  private void fetch(SimTestKit kit, List<String> ids) {
    token = token == null ? kit.accessToken(0) : token;
    StringBuilder body = new StringBuilder();
    for (String id : ids) {
      body.append("--b\r\nContent-Type: application/http\r\nContent-ID: <").append(id);
      body.append(">\r\n\r\nGET /gmail/v1/users/me/messages/").append(id);
      body.append("?format=minimal\r\nAuthorization: Bearer ").append(token).append("\r\n\r\n");
    }
    HttpResponse<String> answer;
    try {
      answer = kit.post("batch", body + "--b--", "multipart/mixed; boundary=b");
    } catch (UncheckedIOException e) {
      return;
    }
    throttled += answer.statusCode() == 429 ? 1 : 0;
    Matcher parts = PART.matcher(answer.body());
    while (parts.find()) {
      take(parts.group(1), Integer.parseInt(parts.group(2)), parts.group(3));
    }
  }

  private void take(String id, int status, String json) {
    throttled += status == 429 || (status == 403 && json.contains("imitExceeded")) ? 1 : 0;
    if (json.contains("Retry after")) {
      nanos.addAndGet(31_000_000);
    }
    if (status == 401) {
      token = null;
    } else if (status == 404 && notFound.merge(id, 1, Integer::sum) > 1) {
      gone.add(id);
    } else if (status == 200 && readable(json)) {
      stored.add(id);
    }
  }

  private static boolean readable(String json) {
    try {
      return !new JsonObject(json).isEmpty();
    } catch (DecodeException e) {
      return false;
    }
  }
}
