package io.millrace.store;

import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.util.Map;

/** The tests' database as it will be later: connections by whose clock time has gone on. */
public final class ShiftedDatabase {
  private ShiftedDatabase() {}

  /**
   * A pool of its own, to be closed by the caller.
   *
   * @param by such as {@code 1 hour}
   * @param name by which the database knows its connections
   */
  public static Pool pool(String by, String name) {
    return pool(by, name, 4);
  }

  /** The same with so many connections; of a single one the clock can be set again and again. */
  public static Pool pool(String by, String name, int connections) {
    return PgBuilder.pool()
        .connectingTo(
            new PgConnectOptions()
                .setHost("127.0.0.1")
                .setPort(StoreTestKit.database().embeddedPort())
                .setDatabase("postgres")
                .setUser("millrace")
                .setPassword(StoreTestKit.database().embeddedPassword())
                .setProperties(
                    Map.of(
                        "search_path",
                        "millrace",
                        "application_name",
                        name,
                        "timezone",
                        "UTC",
                        "millrace.clock_shift",
                        by)))
        .with(new PoolOptions().setMaxSize(connections))
        .using(StoreTestKit.VERTX)
        .build();
  }
}
