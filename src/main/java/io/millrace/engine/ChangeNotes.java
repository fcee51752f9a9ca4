package io.millrace.engine;

import io.millrace.store.Settlement;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gathers what the claimer and the completer have committed and publishes it at most ten times a
 * second. Owned by the claimer's context.
 */
final class ChangeNotes {
  private static final int MOST_IDS = 100;
  private static final long APART_MS = 100;

  private final Vertx vertx;
  private Map<String, Map<String, Integer>> counts = new HashMap<>();
  private List<Long> ids = new ArrayList<>();
  private boolean armed;

  ChangeNotes(Vertx vertx) {
    this.vertx = vertx;
    Engine.codec(vertx, JobsChanged.class);
  }

  void running(String kind, long id) {
    note(kind, "running", id);
  }

  /**
   * @param settlement null if it was written with the handler's own transaction
   */
  void settled(String kind, long id, Settlement settlement) {
    String state = "ended";
    if (settlement instanceof Settlement.Finished finished) {
      state = finished.state();
    } else if (settlement instanceof Settlement.Buried) {
      state = "dead";
    } else if (settlement instanceof Settlement.Postponed) {
      state = "postponed";
    }
    note(kind, state, id);
  }

  private void note(String kind, String state, long id) {
    counts.computeIfAbsent(kind, k -> new HashMap<>()).merge(state, 1, Integer::sum);
    if (ids.size() < MOST_IDS) {
      ids.add(id);
    }
    if (!armed) {
      armed = true;
      vertx.setTimer(APART_MS, timer -> publish());
    }
  }

  private void publish() {
    armed = false;
    JobsChanged changed = new JobsChanged(counts, ids);
    counts = new HashMap<>();
    ids = new ArrayList<>();
    vertx.eventBus().publish(Engine.CHANGED, changed);
  }
}
