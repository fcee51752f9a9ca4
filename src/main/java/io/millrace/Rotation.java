package io.millrace;

import io.millrace.store.Database;
import io.millrace.store.KeyRotation;
import io.vertx.core.Vertx;

/** Encrypts stored tokens anew with the present key: what {@code rotate-key} does. */
final class Rotation {
  private Rotation() {}

  /** Runs it; returns the exit status. */
  static int run(Configuration configuration, Terminal terminal) throws Exception {
    Vertx vertx = EventLoops.vertx();
    try (Life life = new Life(vertx)) {
      Database database = life.own(Database.open(vertx, configuration.database()), Database::close);
      KeyRotation rotation = new KeyRotation(database.pool(), configuration.vault(database));
      return tell(
          life.await(
              rotation.rotate(
                  done -> terminal.say("%d tokens encrypted anew so far.".formatted(done)))),
          terminal);
    }
  }

  private static int tell(KeyRotation.Standing standing, Terminal terminal) {
    standing.complaint().ifPresent(terminal::say);
    if (standing.previous() > 0) {
      terminal.say(
          "%d tokens are still under the previous key: they are damaged, or a process that has not got the new key writes them; run this again once all have it."
              .formatted(standing.previous()));
    } else if (standing.unreadable() == 0) {
      terminal.say(
          "Nothing is left under the previous key, which is no longer needed; under the present one: %d tokens."
              .formatted(standing.present()));
    }
    return standing.previous() + standing.unreadable() == 0
        ? ExitException.OK
        : ExitException.INCOMPLETE;
  }
}
