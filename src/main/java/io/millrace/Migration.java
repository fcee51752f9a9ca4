package io.millrace;

import io.millrace.store.Database;
import io.vertx.core.Vertx;

/** Brings the database's schema up to date: what {@code migrate} does. */
final class Migration {
  private Migration() {}

  /** Runs it; returns the exit status. */
  static int run(Configuration configuration, Terminal terminal) throws Exception {
    Vertx vertx = EventLoops.vertx();
    try (Life life = new Life(vertx)) {
      life.own(Database.open(vertx, configuration.database()), Database::close);
      terminal.say("The database is up to date.");
      return ExitException.OK;
    }
  }
}
