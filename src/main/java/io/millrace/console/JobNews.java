package io.millrace.console;

import io.millrace.engine.JobsChanged;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Gathers what the engine tells of jobs ten times a second, so that each of many readers is written
 * to only now and then: the first word at once, the next ones together. Belongs to one event loop.
 */
final class JobNews {
  private static final int MOST_IDS = 100;
  private static final long NONE = -1;

  private final Vertx vertx;
  private final long apartMs;
  private final Consumer<JsonObject> told;
  private Map<String, Map<String, Integer>> counts = new TreeMap<>();
  private List<Long> jobs = new ArrayList<>();
  private long timer = NONE;

  /**
   * @param apartMs the shortest time between two words; 0 if none is to wait
   */
  JobNews(Vertx vertx, long apartMs, Consumer<JsonObject> told) {
    this.vertx = vertx;
    this.apartMs = apartMs;
    this.told = told;
  }

  void heard(JobsChanged changed) {
    changed
        .counts()
        .forEach(
            (kind, states) -> {
              Map<String, Integer> of = counts.computeIfAbsent(kind, k -> new TreeMap<>());
              states.forEach((state, n) -> of.merge(state, n, Integer::sum));
            });
    changed.jobs().stream().limit(MOST_IDS - jobs.size()).forEach(jobs::add);
    if (timer == NONE) {
      tell();
    }
  }

  void close() {
    vertx.cancelTimer(timer);
  }

  private void tell() {
    JsonObject all = new JsonObject();
    counts.forEach(
        (kind, states) -> {
          JsonObject of = new JsonObject();
          states.forEach(of::put);
          all.put(kind, of);
        });
    JsonObject data = new JsonObject().put("counts", all).put("jobs", new JsonArray(jobs));
    counts = new TreeMap<>();
    jobs = new ArrayList<>();
    if (apartMs > 0) {
      timer =
          vertx.setTimer(
              apartMs,
              id -> {
                timer = NONE;
                if (!counts.isEmpty()) {
                  tell();
                }
              });
    }
    told.accept(data);
  }
}
