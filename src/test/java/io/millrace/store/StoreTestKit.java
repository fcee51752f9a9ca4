package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * One real PostgreSQL for the test classes of a JVM; each test class works with users of its own.
 */
public final class StoreTestKit {
  /** Lives as long as the JVM. */
  public static final Vertx VERTX = Vertx.vertx();

  /**
   * Of the hot tables, in this run of the tests; those with the tag "partitions" run with 1 and
   * with 8.
   */
  static final int PARTITIONS = Integer.getInteger("millrace.test.hashPartitions", 1);

  private static final Database DATABASE = open();

  /** The tests' own eyes: what cuts the product's connections leaves these alone. */
  private static final Pool OBSERVER = observer();

  private StoreTestKit() {}

  private static Database open() {
    try {
      Database database = await(Database.open(VERTX, settings()));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(database)));
      return database;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static DatabaseSettings settings() {
    return new DatabaseSettings(null, null, null, 20).withHashPartitions(PARTITIONS);
  }

  private static void stop(Database database) {
    try {
      await(database.close());
    } catch (Exception e) {
      throw new IllegalStateException("the tests' database did not stop", e);
    }
  }

  /** The database that all tests of this JVM share. */
  public static Database database() {
    return DATABASE;
  }

  /** How another process would open it. */
  public static DatabaseSettings elsewhere() {
    String uri = "postgresql://millrace@127.0.0.1:" + DATABASE.embeddedPort() + "/postgres";
    return new DatabaseSettings(uri, DATABASE.embeddedPassword(), null, 4)
        .withHashPartitions(PARTITIONS);
  }

  /**
   * How an embedded database is opened by others, through a port that leads to it.
   *
   * @param patience after which a statement is given up
   */
  public static DatabaseSettings through(int port, Database of, Duration patience) {
    return new DatabaseSettings(
        "postgresql://millrace@127.0.0.1:" + port + "/postgres",
        of.embeddedPassword(),
        null,
        6,
        patience,
        Duration.ofSeconds(60),
        1);
  }

  /** Its connections. */
  public static Pool pool() {
    return DATABASE.pool();
  }

  private static Pool observer() {
    return PgBuilder.pool()
        .connectingTo(
            new PgConnectOptions()
                .setHost("127.0.0.1")
                .setPort(DATABASE.embeddedPort())
                .setDatabase("postgres")
                .setUser("millrace")
                .setPassword(DATABASE.embeddedPassword())
                .setProperties(Map.of("search_path", "millrace", "application_name", "observer")))
        .with(new PoolOptions().setMaxSize(4))
        .using(VERTX)
        .build();
  }

  /** Cuts every connection of the product, wherever it stands in a transaction. */
  public static void cutConnections() throws Exception {
    run(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'millrace%'");
  }

  /** The first column of the first row of a statement that only reads. */
  public static <T> T one(Class<T> type, String sql, Object... parameters) throws Exception {
    return await(OBSERVER.preparedQuery(sql).execute(tuple(parameters)))
        .iterator()
        .next()
        .get(type, 0);
  }

  /** How many rows a statement answers, or its first number. */
  public static long number(String sql, Object... parameters) throws Exception {
    return one(Long.class, sql, parameters);
  }

  /** The rows of a statement. */
  public static List<Row> rows(String sql, Object... parameters) throws Exception {
    List<Row> rows = new ArrayList<>();
    await(OBSERVER.preparedQuery(sql).execute(tuple(parameters))).forEach(rows::add);
    return rows;
  }

  /** Runs a statement. */
  public static void run(String sql, Object... parameters) throws Exception {
    await(OBSERVER.preparedQuery(sql).execute(tuple(parameters)));
  }

  /** A connection of the tests' own, to hold locks with; to be closed by the caller. */
  public static Future<SqlConnection> hold() {
    return OBSERVER.getConnection();
  }

  private static Tuple tuple(Object... parameters) {
    Tuple tuple = Tuple.tuple();
    for (Object parameter : parameters) {
      tuple.addValue(parameter);
    }
    return tuple;
  }

  /** Waits for a future, within a bound; fails with its own cause. */
  public static <T> T await(Future<T> future) throws Exception {
    try {
      return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
