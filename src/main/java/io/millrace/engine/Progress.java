package io.millrace.engine;

import io.millrace.store.RunKey;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far a run is, kept at most once a second however often it is told: a handler may tell it of
 * every item. The last word before a pause is kept as well. Losing one is no failure. Thread-safe.
 */
final class Progress {
  private static final Logger log = LoggerFactory.getLogger(Progress.class);
  private static final long EVERY_MS = 1_000;

  /** Where it is kept; writes nothing if the run is no longer the current one. */
  interface Sink {
    Future<Void> keep(RunKey key, String progress);
  }

  private final Vertx vertx;
  private final RunKey key;
  private final Sink sink;
  private JsonObject last;
  private boolean dirty;
  private boolean resting;
  private boolean ended;

  Progress(Vertx vertx, RunKey key, Sink sink) {
    this.vertx = vertx;
    this.key = key;
    this.sink = sink;
  }

  synchronized void tell(long done, long total, String words) {
    last = new JsonObject().put("done", done).put("total", total < 0 ? null : total);
    last.put("words", ErrorRecord.words(words));
    dirty = true;
    if (!resting && !ended) {
      keep();
    }
  }

  private void keep() {
    dirty = false;
    resting = true;
    sink.keep(key, last.encode())
        .onFailure(e -> log.debug("progress of job {} is not kept: {}", key.id(), e.getMessage()))
        .onComplete(v -> vertx.setTimer(EVERY_MS, id -> rested()));
  }

  private synchronized void rested() {
    resting = false;
    if (dirty && !ended) {
      keep();
    }
  }

  /** What was told last, or null. */
  synchronized JsonObject last() {
    return last == null ? null : last.copy();
  }

  synchronized void end() {
    ended = true;
  }
}
