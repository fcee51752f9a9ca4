package io.millrace.pipeline;

import io.millrace.google.AccessTokens;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.pubsub.PgSubscriber;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears whose grant was given up or given anew, in whatever process, and lets this one forget the
 * access token that it holds: else it would be good for the rest of its hour. While nothing can be
 * heard something may be missed, so all are forgotten when it begins again.
 */
public final class GrantNews {
  private static final Logger log = LoggerFactory.getLogger(GrantNews.class);
  private static final String CHANNEL = "millrace_grant";

  private final PgSubscriber subscriber;
  private final AccessTokens tokens;

  /**
   * @param subscriber not yet connected; closed by {@link #stop}
   */
  public GrantNews(PgSubscriber subscriber, AccessTokens tokens) {
    this.subscriber = subscriber;
    this.tokens = tokens;
  }

  /** Begins to listen; completes when it does, or when the first attempt has failed. */
  public Future<Void> start() {
    subscriber
        .channel(CHANNEL)
        .subscribeHandler(
            v -> {
              PgConnection connection = subscriber.actualConnection();
              if (connection != null) {
                connection.exceptionHandler(
                    e -> log.info("news of grants is interrupted: {}", e.getMessage()));
              }
              tokens.forget();
            })
        .handler(this::changed);
    return subscriber
        .connect()
        .recover(
            e -> {
              log.warn("no news of grants until the database answers: {}", e.getMessage());
              return Future.succeededFuture();
            });
  }

  private void changed(String user) {
    if (user.matches("[0-9]{1,18}")) {
      tokens.forget(Long.parseLong(user));
    }
  }

  /** Ends it. */
  public Future<Void> stop() {
    return subscriber.close();
  }
}
