package io.millrace.store;

import io.vertx.pgclient.PgConnectOptions;

/** How a test connects to an embedded database by itself, past the pool and its bounds. */
public final class EmbeddedAccess {
  private EmbeddedAccess() {}

  /** Where it is, and as whom. */
  public static PgConnectOptions of(Database database) {
    return new PgConnectOptions()
        .setHost("127.0.0.1")
        .setPort(database.embeddedPort())
        .setDatabase("postgres")
        .setUser("millrace")
        .setPassword(database.embeddedPassword());
  }
}
