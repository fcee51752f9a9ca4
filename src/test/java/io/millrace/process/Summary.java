package io.millrace.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.util.List;

/** What a demo came to, as its JSON tells it. */
record Summary(JsonObject json) {
  /** Committed totals, the same whoever counts them. */
  private static final List<String> TOTALS =
      List.of(
          "mailboxes",
          "listed",
          "stored",
          "duplicate",
          "gone",
          "deadLettered",
          "deferred",
          "normalized",
          "contacts",
          "unitsSpent",
          "unitsNaive",
          "throttled",
          "permanentlyBad",
          "bytesReceived");

  /** All other fields that people rely on. */
  private static final List<String> OTHERS =
      List.of("complete", "elapsedMs", "messagesPerSecond", "peakHeapBytes", "version");

  /** Of a demo that ended well: whatever it did, it has every field and its counts add up. */
  static Summary of(MillraceProcess demo) {
    Summary summary = new Summary(demo.json());
    summary.check();
    return summary;
  }

  private void check() {
    assertTrue(json.fieldNames().containsAll(TOTALS), json::encode);
    assertTrue(json.fieldNames().containsAll(OTHERS), json::encode);
    assertTrue(json.getBoolean("complete"), json::encode);
    long accounted =
        stored() + get("duplicate") + get("gone") + get("deadLettered") + get("deferred");
    assertEquals(listed(), accounted, json::encode);
    assertEquals(0, get("deferred"), json::encode);
    assertTrue(get("deadLettered") <= get("permanentlyBad"), json::encode);
    assertEquals(stored(), get("normalized"), json::encode);
  }

  long get(String field) {
    return json.getLong(field);
  }

  long listed() {
    return get("listed");
  }

  long stored() {
    return get("stored");
  }

  long throttled() {
    return get("throttled");
  }

  List<Long> totals() {
    return TOTALS.stream().map(this::get).toList();
  }
}
