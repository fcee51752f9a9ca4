package io.millrace.engine;

import io.millrace.store.Jobs;
import io.millrace.store.Workers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this process's lease alive, and takes back what processes whose lease has passed were
 * running. Owned by the claimer's context.
 */
final class Heart {
  private static final Logger log = LoggerFactory.getLogger(Heart.class);
  private static final long DAYS_EVERY_MS = 3_600_000;
  private static final int STOP_SECONDS = 2;

  private final Vertx vertx;
  private final EngineSettings settings;
  private final Workers workers;
  private final LostRuns lost;
  private final Map<String, Integer> attempts = new HashMap<>();
  private final Runnable rescued;
  private final Runnable beaten;
  private final Outage outage;
  private int worker;
  private volatile long heldSince = System.nanoTime();
  private long timer = -1;
  private long sinceDays;
  private boolean tidying;
  private boolean stopped;

  /**
   * @param rescued called when jobs have become free
   * @param beaten called after each heartbeat
   */
  Heart(
      Vertx vertx,
      EngineSettings settings,
      Workers workers,
      Jobs jobs,
      Set<String> kinds,
      Runnable rescued,
      Runnable beaten,
      Outage outage) {
    this.vertx = vertx;
    this.settings = settings;
    this.workers = workers;
    this.rescued = rescued;
    this.beaten = beaten;
    this.outage = outage;
    kinds.forEach(k -> attempts.put(k, settings.kind(k).attempts()));
    Duration shortest =
        kinds.stream()
            .map(k -> settings.kind(k).timeout())
            .min(Duration::compareTo)
            .orElse(Duration.ZERO);
    this.lost = new LostRuns(workers, jobs.endings(), settings.lease(), shortest, attempts);
  }

  Future<Void> start(boolean alone) {
    return register(alone)
        .compose(v -> sweep())
        .onSuccess(v -> arm(settings.heartbeat().toMillis()));
  }

  private Future<Void> register(boolean alone) {
    long asked = System.nanoTime();
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
              heldSince = asked;
              log.atInfo().addKeyValue("worker", id).log("worker {} looks for jobs", id);
            })
        .mapEmpty();
  }

  /**
   * Whether the lease is certainly held. What is claimed without it, after a long stop of the
   * process, would be taken back while it runs.
   */
  boolean holds() {
    return System.nanoTime() - heldSince < settings.lease().toNanos();
  }

  /** The number under which this process runs jobs now. */
  int worker() {
    return worker;
  }

  private void arm(long ms) {
    if (!stopped) {
      timer = vertx.setTimer(ms, id -> beat());
    }
  }

  private void beat() {
    long every = settings.heartbeat().toMillis();
    long asked = System.nanoTime();
    workers
        .heartbeat(worker, settings.lease().toMillis())
        // One that is not answered must not keep the next one from being heard in time.
        .timeout(every, TimeUnit.MILLISECONDS)
        .compose(
            alive -> {
              if (alive) {
                heldSince = asked;
                return Future.succeededFuture();
              }
              log.warn("this worker's lease had run out; it begins anew under another number");
              return register(false);
            })
        .onSuccess(
            v -> {
              outage.succeeded("heartbeat");
              beaten.run();
              arm(every);
              tidy();
            })
        .onFailure(e -> arm(Math.min(every, outage.failed("heartbeat", "no heartbeat", e))));
  }

  /** What may take longer than the time between two heartbeats. */
  private void tidy() {
    if (tidying) {
      return;
    }
    tidying = true;
    sweep()
        .compose(v -> days())
        .onSuccess(v -> outage.succeeded("rescue"))
        .onFailure(e -> outage.failed("rescue", "no look for lost runs", e))
        .onComplete(v -> tidying = false);
  }

  private Future<Void> sweep() {
    return lost.take()
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

  /** Gives the lease back, so that others need not wait for its end. */
  Future<Void> stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    return workers
        .stop(worker)
        .timeout(STOP_SECONDS, TimeUnit.SECONDS)
        .recover(
            e -> {
              log.warn(
                  "this worker's lease could not be given back; it ends in {} s: {}",
                  settings.lease().toSeconds(),
                  e.getMessage());
              return Future.succeededFuture();
            });
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}
