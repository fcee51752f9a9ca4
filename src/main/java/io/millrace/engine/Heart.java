package io.millrace.engine;

import io.millrace.store.Jobs;
import io.millrace.store.Workers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this process's lease alive, and takes back what processes whose lease has passed were
 * running. Owned by the claimer's context.
 */
final class Heart {
  private static final Logger log = LoggerFactory.getLogger(Heart.class);
  private static final long DAYS_EVERY_MS = 3_600_000;

  private final Vertx vertx;
  private final EngineSettings settings;
  private final Workers workers;
  private final Jobs jobs;
  private final Map<String, Integer> attempts = new HashMap<>();
  private final Runnable rescued;
  private int worker;
  private long timer = -1;
  private long sinceDays;
  private boolean stopped;

  /**
   * @param rescued called when jobs have become free
   */
  Heart(
      Vertx vertx,
      EngineSettings settings,
      Workers workers,
      Jobs jobs,
      Set<String> kinds,
      Runnable rescued) {
    this.vertx = vertx;
    this.settings = settings;
    this.workers = workers;
    this.jobs = jobs;
    this.rescued = rescued;
    kinds.forEach(k -> attempts.put(k, settings.kind(k).attempts()));
  }

  Future<Void> start(boolean alone) {
    return register(alone).compose(v -> sweep()).onSuccess(v -> arm());
  }

  private Future<Void> register(boolean alone) {
    return workers
        .register(
            host(),
            ProcessHandle.current().pid(),
            settings.lease().toMillis(),
            alone,
            attempts.keySet())
        .onSuccess(
            id -> {
              worker = id;
              log.atInfo().addKeyValue("worker", id).log("worker {} looks for jobs", id);
            })
        .mapEmpty();
  }

  /** The number under which this process runs jobs now. */
  int worker() {
    return worker;
  }

  private void arm() {
    if (!stopped) {
      timer = vertx.setTimer(settings.heartbeat().toMillis(), id -> beat());
    }
  }

  private void beat() {
    workers
        .heartbeat(worker, settings.lease().toMillis())
        .compose(
            alive -> {
              if (alive) {
                return Future.succeededFuture();
              }
              log.warn("this worker's lease had run out; it begins anew under another number");
              return register(false);
            })
        .compose(v -> sweep())
        .compose(v -> days())
        .onFailure(e -> log.warn("no heartbeat: {}", e.getMessage()))
        .onComplete(v -> arm());
  }

  private Future<Void> sweep() {
    return jobs.endings()
        .rescue(settings.lease().toMillis(), attempts)
        .compose(
            found -> {
              if (found.count() == 0) {
                return Future.succeededFuture();
              }
              log.atWarn()
                  .addKeyValue("rescued", found.count())
                  .addKeyValue("dead", found.dead())
                  .log("took back {} runs of lost workers", found.count());
              rescued.run();
              return found.more() ? sweep() : Future.succeededFuture();
            });
  }

  private Future<Void> days() {
    sinceDays += settings.heartbeat().toMillis();
    if (sinceDays < DAYS_EVERY_MS) {
      return Future.succeededFuture();
    }
    sinceDays = 0;
    return workers.makeDays();
  }

  Future<Void> stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    return workers.stop(worker);
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
