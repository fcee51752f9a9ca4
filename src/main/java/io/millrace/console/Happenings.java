package io.millrace.console;

import io.millrace.engine.CheckFinding;
import io.millrace.limit.LimitChanged;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was told on the event bus and stands in no table: how limits are and have changed, and what
 * each check found last. Bounded; belongs to one event loop.
 */
final class Happenings {
  private static final int LIMITS = 1_000;
  private static final int CHECKS = 100;
  private static final int HISTORY = 500;

  private final Map<String, JsonObject> limits = latest(LIMITS);
  private final Map<String, JsonObject> checks = latest(CHECKS);
  private final Deque<JsonObject> history = new ArrayDeque<>();
  private long alerts;

  private static Map<String, JsonObject> latest(int most) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, JsonObject> eldest) {
        return size() > most;
      }
    };
  }

  JsonObject changed(LimitChanged change, Instant at) {
    JsonObject json =
        new JsonObject()
            .put("what", change.what())
            .put("old", change.old())
            .put("now", change.now())
            .put("why", change.why())
            .put("at", at.toString());
    limits.put(change.what(), json);
    history.addLast(json);
    if (history.size() > HISTORY) {
      history.removeFirst();
    }
    return json;
  }

  JsonObject found(CheckFinding finding, Instant at) {
    JsonObject json =
        new JsonObject()
            .put("check", finding.check())
            .put("found", finding.found())
            .put("repaired", finding.repaired())
            .put("detail", finding.detail())
            .put("at", at.toString());
    checks.put(finding.check(), json);
    return json;
  }

  JsonArray limits() {
    return new JsonArray(List.copyOf(limits.values()));
  }

  /** The last changes of all limits, the oldest first. */
  JsonArray history() {
    return new JsonArray(List.copyOf(history));
  }

  JsonObject told(AlertTold alert) {
    alerts++;
    return AlertsApi.told(alert.event());
  }

  /** How many alerts were told: whoever knows of fewer looks again. */
  long alerts() {
    return alerts;
  }

  /** What a check found when it was run last, be it nothing; null if it was not run here. */
  JsonObject last(String check) {
    return checks.get(check);
  }
}
