package io.millrace.engine;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.pubsub.PgSubscriber;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears when another process, or plain SQL, has enqueued what this one could start at once, and
 * wakes the claimer. Only a hint: without it, work waits for the next poll.
 */
final class Listener {
  private static final Logger log = LoggerFactory.getLogger(Listener.class);
  private static final String CHANNEL = "millrace_jobs";

  private final Vertx vertx;
  private final PgSubscriber subscriber;

  /**
   * @param subscriber not yet connected; closed by {@link #stop}
   */
  Listener(Vertx vertx, PgSubscriber subscriber) {
    this.vertx = vertx;
    this.subscriber = subscriber;
  }

  /** Begins to listen; completes when it does, or when the first attempt has failed. */
  Future<Void> start() {
    subscriber
        .channel(CHANNEL)
        // Once it listens, again too, something may have been missed.
        .subscribeHandler(
            v -> {
              PgConnection connection = subscriber.actualConnection();
              if (connection != null) {
                connection.exceptionHandler(
                    e -> log.info("notifications are interrupted: {}", e.getMessage()));
              }
              wake();
            })
        .handler(payload -> wake());
    return subscriber
        .connect()
        .recover(
            e -> {
              log.warn("no notifications, work is found by polling: {}", e.getMessage());
              return Future.succeededFuture();
            });
  }

  private void wake() {
    vertx.eventBus().publish(Engine.WAKE, "");
  }

  Future<Void> stop() {
    return subscriber.close();
  }
}
