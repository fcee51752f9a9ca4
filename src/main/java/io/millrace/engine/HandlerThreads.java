package io.millrace.engine;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The threads of handlers that block: virtual ones, or for each kind a pool with as many as the
 * kind has slots, so that a claimed job never waits for a thread and no kind takes another's.
 * Thread-safe.
 */
final class HandlerThreads {
  private static final int MOST_WORKERS = 256;

  private final Vertx vertx;
  private final EngineSettings settings;
  private final Optional<ThreadFactory> virtual = VirtualThreads.factory();
  private final Map<String, WorkerExecutor> pools = new ConcurrentHashMap<>();

  HandlerThreads(Vertx vertx, EngineSettings settings) {
    this.vertx = vertx;
    this.settings = settings;
  }

  /** Refuses a kind that would need more threads than is reasonable. */
  void check(JobHandler<?> handler) {
    int slots = settings.kind(handler.kind()).slots();
    if (onWorker(handler.threading()) && slots > MOST_WORKERS) {
      throw new IllegalArgumentException(
          "kinds.%s.slots is %d, but %s runs on worker threads, of which there may be %d."
              .formatted(handler.kind(), slots, handler.getClass().getName(), MOST_WORKERS));
    }
  }

  private boolean onWorker(JobHandler.Threading threading) {
    return threading == JobHandler.Threading.WORKER
        || (threading == JobHandler.Threading.VIRTUAL && virtual.isEmpty());
  }

  /**
   * Runs on a thread that may be blocked.
   *
   * @param work never throws
   */
  <T> Future<T> run(String kind, JobHandler.Threading threading, Supplier<Future<T>> work) {
    if (onWorker(threading)) {
      return pool(kind).<Future<T>>executeBlocking(work::get, false).compose(done -> done);
    }
    Promise<T> promise = Promise.promise();
    virtual.orElseThrow().newThread(() -> work.get().onComplete(promise)).start();
    return promise.future();
  }

  private WorkerExecutor pool(String kind) {
    return pools.computeIfAbsent(
        kind,
        k -> {
          KindSettings of = settings.kind(k);
          // Vert.x would warn of a blocked thread: here it is one only after its deadline.
          long longest = of.timeout().plus(settings.grace()).toMillis() + 1_000;
          return vertx.createSharedWorkerExecutor(
              "millrace-job-" + k, of.slots(), longest, TimeUnit.MILLISECONDS);
        });
  }

  /** Lets go of the pools; what still runs on them is not waited for. */
  Future<Void> close() {
    return Future.join(pools.values().stream().map(WorkerExecutor::close).toList()).mapEmpty();
  }
}
