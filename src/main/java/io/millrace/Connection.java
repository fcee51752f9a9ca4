package io.millrace;

import io.millrace.engine.Enqueuer;
import io.millrace.pipeline.GmailSync;
import io.millrace.store.Database;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.Mailboxes;
import io.millrace.store.NewJob;
import io.millrace.store.Vault;
import io.vertx.core.Vertx;
import java.util.List;

/** Stores a mailbox's grant and starts its first sync: what {@code connect} does. */
final class Connection {
  private Connection() {}

  /** Runs it; returns the exit status. */
  static int run(ConnectOptions options, Configuration configuration, Terminal terminal)
      throws Exception {
    Vertx vertx = EventLoops.vertx();
    try (Life life = new Life(vertx)) {
      Database database = life.own(Database.open(vertx, configuration.database()), Database::close);
      Vault vault =
          new Vault(
              configuration
                  .encryptionKey()
                  .map(Secret::reveal)
                  .orElseGet(database::keptEncryptionKey));
      long user =
          life.await(
              new Mailboxes(database.pool(), vault)
                  .connect(options.email(), options.refreshToken().reveal()));
      NewJob sync = NewJob.of(user, GmailSync.KIND, "{}").once(GmailSync.DEDUP_KEY);
      Jobs jobs = new Jobs(database.pool(), new Kinds(database.pool()));
      // This process runs no jobs: the service's worker checks the payload before it runs it.
      Enqueuer enqueuer = Enqueuer.of(vertx, database.pool(), jobs, List.of());
      boolean fresh =
          life.await(enqueuer.enqueueAnyKind(database.pool(), List.of(sync))).get(0) != null;
      terminal.say(
          fresh
              ? "%s is connected; its sync starts as soon as the service runs."
                  .formatted(options.email())
              : "%s is connected anew; its sync is queued already.".formatted(options.email()));
      return ExitException.OK;
    }
  }
}
