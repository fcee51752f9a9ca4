package io.millrace;

import io.millrace.console.PushVerticle;
import io.millrace.store.Database;
import io.millrace.store.DatabaseException;
import io.millrace.store.KeyRotation;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The service until it is stopped: what {@code run} does. */
final class Service {
  private static final Logger log = LoggerFactory.getLogger(Service.class);
  private static final long MOST_BACKOFF_MS = 30_000;

  private Service() {}

  /** Runs it; returns the exit status. */
  static int run(Configuration configuration, Terminal terminal) throws Exception {
    if (configuration.google().clientId().isBlank()) {
      log.warn(
          "google.clientId is not set: no mailbox can be read until it and its secret are configured");
    }
    Instruments instruments = Instruments.of(configuration.ops().tracing());
    Vertx vertx = instruments.vertx();
    try (instruments;
        Life life = new Life(vertx)) {
      Database database = life.own(open(vertx, configuration, life), Database::close);
      keys(life.await(new KeyRotation(database.pool(), configuration.vault(database)).standing()));
      Millrace millrace =
          life.own(Millrace.start(vertx, configuration, database, instruments), Millrace::stop);
      int port = life.await(millrace.serve(configuration));
      terminal.say(
          "Millrace %s is running; see %s://%s:%d/"
              .formatted(
                  Version.current(),
                  configuration.console().tls().isPresent() ? "https" : "http",
                  configuration.console().host(),
                  port));
      int pushes = life.await(millrace.listen(configuration, database));
      if (pushes >= 0) {
        terminal.say(
            "Pushes are taken at http://%s:%d%s"
                .formatted(configuration.push().host(), pushes, PushVerticle.PATH));
      }
      life.untilStopped();
      return ExitException.OK;
    }
  }

  /** Not rotated here: another process may not have the new key yet. */
  private static void keys(KeyRotation.Standing standing) {
    standing.complaint().ifPresent(log::warn);
    if (standing.previous() > 0) {
      log.warn(
          "{} stored tokens are still encrypted with the previous key: once every process has both keys, run millrace rotate-key",
          standing.previous());
    }
  }

  /** A database elsewhere may come back by itself; our own will not. */
  private static Future<Database> open(Vertx vertx, Configuration configuration, Life life) {
    if (configuration.database().uri() == null) {
      return Database.open(vertx, configuration.database());
    }
    Promise<Database> opened = Promise.promise();
    life.stopping().onSuccess(v -> opened.tryFail(new ExitException("The service was stopped.")));
    attempt(vertx, configuration, 500, opened);
    return opened.future();
  }

  private static void attempt(
      Vertx vertx, Configuration configuration, long backoffMs, Promise<Database> opened) {
    Database.open(vertx, configuration.database())
        .onSuccess(
            database -> {
              if (!opened.tryComplete(database)) {
                database.close();
              }
            })
        .onFailure(
            e -> {
              if (!(e instanceof DatabaseException)) {
                opened.tryFail(e);
                return;
              }
              if (opened.future().isComplete()) {
                return;
              }
              log.warn(
                  "{} Trying again in {} s.",
                  e.getMessage(),
                  TimeUnit.MILLISECONDS.toSeconds(backoffMs * 2) / 2.0);
              vertx.setTimer(
                  backoffMs,
                  id ->
                      attempt(
                          vertx, configuration, Math.min(MOST_BACKOFF_MS, backoffMs * 2), opened));
            });
  }
}
