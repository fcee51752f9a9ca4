package io.millrace;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a command has opened, closed again in reverse order at its end, also when the process is
 * asked to stop. Used by the command's thread; {@link #close} also by the shutdown hook.
 */
final class Life implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Life.class);
  private static final long CLOSE_SECONDS = 30;

  private final Vertx vertx;
  private final Deque<Supplier<Future<Void>>> owned = new ArrayDeque<>();
  private final Promise<Void> stopping = Promise.promise();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stopped, "millrace-stop");
  private boolean closing;

  Life(Vertx vertx) {
    this.vertx = vertx;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Waits for something to open, and closes it at the end; also if the end comes while it is still
   * opening.
   */
  <T> T own(Future<T> opening, Function<T, Future<Void>> closer) throws Exception {
    synchronized (this) {
      owned.push(
          () ->
              opening.transform(
                  opened ->
                      opened.succeeded()
                          ? closer.apply(opened.result())
                          : Future.succeededFuture()));
    }
    return await(opening);
  }

  /** Completes when the process is asked to stop, before anything is closed. */
  Future<Void> stopping() {
    return stopping.future();
  }

  /** Waits for a result; what failed is thrown as it is. */
  <T> T await(Future<T> future) throws Exception {
    try {
      return future.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  /** Waits until the process is asked to stop. */
  void untilStopped() throws InterruptedException {
    stop.await();
    closed.await();
  }

  private void stopped() {
    stop.countDown();
    stopping.complete();
    close();
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closing) {
        return;
      }
      closing = true;
    }
    while (true) {
      Supplier<Future<Void>> next;
      synchronized (this) {
        next = owned.poll();
      }
      if (next == null) {
        break;
      }
      quietly(next.get());
    }
    quietly(vertx.close());
    closed.countDown();
    if (Thread.currentThread() != hook) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The process is stopping already; the hook finds everything closed.
      }
    }
  }

  private static void quietly(Future<?> closing) {
    try {
      closing.toCompletionStage().toCompletableFuture().get(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.warn("not closed cleanly: {}", String.valueOf(e.getMessage()));
    }
  }
}
