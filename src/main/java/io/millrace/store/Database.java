package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.pubsub.PgSubscriber;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The open database: its connections, and the embedded server behind them if there is one.
 * Thread-safe; made once, by the root.
 *
 * <p>The engine's few statements go by a small pool of their own: handlers that hold every other
 * connection for longer than a lease must not cost the worker its lease.
 */
public final class Database {
  private static final int WAIT_QUEUE = 10_000;
  private static final long MOST_APART_MS = 10_000;

  /**
   * To claim, to settle, to let through, to keep the lease, to rescue, to look at schedules: one of
   * each.
   */
  private static final int ENGINE_CONNECTIONS = 6;

  /** Closed politely when it was not used for so long. */
  private static final int UNUSED_SECONDS = 60;

  /** Nothing is silent for so long that lives: not even a handler's own statement. */
  private static final Duration SILENT = Duration.ofHours(1);

  /** Statements that a connection keeps prepared: more than there are. */
  private static final int STATEMENTS = 512;

  private static final int CONNECT_MS = 10_000;
  private static final String ENGINE = "millrace-engine";

  private static final String CONSOLE = "millrace-console";
  private static final int CONSOLE_CONNECTIONS = 4;

  private static final String READERS = "millrace-reader";
  private static final int READER_CONNECTIONS = 4;

  /** What people read is answered in this time or not at all. */
  private static final Duration READ = Duration.ofSeconds(5);

  private final Vertx vertx;
  private final WatchedPool pool;
  private final WatchedPool enginePool;
  private final Pool console;
  private final Pool readers;
  private final EmbeddedDatabase embedded;
  private final PgConnectOptions options;

  private Database(
      Vertx vertx,
      WatchedPool pool,
      WatchedPool enginePool,
      Pool console,
      Pool readers,
      EmbeddedDatabase embedded,
      PgConnectOptions options) {
    this.vertx = vertx;
    this.pool = pool;
    this.enginePool = enginePool;
    this.console = console;
    this.readers = readers;
    this.embedded = embedded;
    this.options = options;
  }

  /**
   * Starts the embedded server if no other is configured, brings the schema up to date, and opens
   * the pool.
   *
   * @return fails with {@link DatabaseException} if the database cannot be had
   */
  public static Future<Database> open(Vertx vertx, DatabaseSettings settings) {
    return vertx.executeBlocking(
        () -> {
          EmbeddedDatabase embedded =
              settings.uri() == null ? EmbeddedDatabase.start(settings.directory()) : null;
          try {
            PgConnectOptions options = options(settings, embedded);
            Migrations.migrate(options, settings.hashPartitions());
            return new Database(
                vertx,
                pool(vertx, settings, options),
                enginePool(vertx, settings, options),
                console(vertx, options),
                readers(vertx, options),
                embedded,
                options);
          } catch (RuntimeException e) {
            if (embedded != null) {
              embedded.stop();
            }
            throw e;
          }
        },
        false);
  }

  private static WatchedPool pool(
      Vertx vertx, DatabaseSettings settings, PgConnectOptions options) {
    Pool pool = pool(vertx, "millrace", settings.poolSize(), SILENT, settings.statement(), options);
    return new WatchedPool(vertx, pool, settings.statement(), false);
  }

  private static WatchedPool enginePool(
      Vertx vertx, DatabaseSettings settings, PgConnectOptions options) {
    Duration bound = settings.statement();
    PgConnectOptions own =
        new PgConnectOptions(options)
            .addProperty("application_name", ENGINE)
            // What nobody waits for any more must not go on working.
            .addProperty("statement_timeout", Long.toString(bound.toMillis()));
    Duration silent = bound.plusSeconds(2 * UNUSED_SECONDS);
    Pool pool = pool(vertx, ENGINE, ENGINE_CONNECTIONS, silent, bound, own);
    return new WatchedPool(vertx, pool, bound, true);
  }

  /** What staff look at must not take a connection from a handler, nor go on when nobody waits. */
  private static Pool console(Vertx vertx, PgConnectOptions options) {
    return shortReads(vertx, CONSOLE, CONSOLE_CONNECTIONS, new PgConnectOptions(options));
  }

  private static Pool shortReads(Vertx vertx, String name, int size, PgConnectOptions own) {
    own.addProperty("application_name", name)
        .addProperty("statement_timeout", Long.toString(READ.toMillis()));
    Pool pool = pool(vertx, name, size, SILENT, READ, own);
    return new WatchedPool(vertx, pool, READ.plusSeconds(1), true);
  }

  /** Connections that are another role's from the start, with statements that are short. */
  private static Pool readers(Vertx vertx, PgConnectOptions options) {
    PgConnectOptions own =
        new PgConnectOptions(options)
            .addProperty("role", EndUsers.ROLE)
            .addProperty("default_transaction_read_only", "on");
    return shortReads(vertx, READERS, READER_CONNECTIONS, own);
  }

  private static Pool pool(
      Vertx vertx,
      String name,
      int size,
      Duration silent,
      Duration wait,
      PgConnectOptions options) {
    return PgBuilder.pool()
        .with(
            new PoolOptions()
                .setName(name)
                .setShared(true)
                .setMaxSize(size)
                .setMaxWaitQueueSize(WAIT_QUEUE)
                .setIdleTimeout(UNUSED_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setConnectionTimeout((int) wait.toMillis())
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS))
        // The last resort, for a handshake that is never answered.
        .with(
            new NetClientOptions()
                .setTcpKeepAlive(true)
                .setConnectTimeout(CONNECT_MS)
                .setReadIdleTimeout((int) silent.toMillis())
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS))
        .connectingTo(options)
        .using(vertx)
        .build();
  }

  private static PgConnectOptions options(DatabaseSettings settings, EmbeddedDatabase embedded) {
    PgConnectOptions options =
        embedded == null
            ? fromUri(settings)
            : new PgConnectOptions()
                .setHost("127.0.0.1")
                .setPort(embedded.port())
                .setDatabase("postgres")
                .setUser("millrace")
                .setPassword(embedded.password());
    options.setProperties(
        Map.of(
            "search_path", "millrace",
            "application_name", "millrace",
            "jit", "off",
            "random_page_cost", "1.1",
            // Hot tables fill and empty faster than statistics follow: an index is always right.
            "enable_seqscan", "off",
            "plan_cache_mode", "force_generic_plan",
            "timezone", "UTC",
            "idle_in_transaction_session_timeout", Long.toString(settings.idle().toMillis())));
    return options
        .setCachePreparedStatements(true)
        .setPreparedStatementCacheMaxSize(STATEMENTS)
        // By default what is longer than 2,048 characters is parsed and planned at every call.
        .setPreparedStatementCacheSqlFilter(sql -> true);
  }

  private static PgConnectOptions fromUri(DatabaseSettings settings) {
    PgConnectOptions options;
    try {
      options = PgConnectOptions.fromUri(settings.uri());
    } catch (RuntimeException e) {
      throw new DatabaseException(
          "database.uri is not a PostgreSQL address: it should look like postgresql://user@host:5432/name.",
          e);
    }
    if (settings.password() != null) {
      options.setPassword(settings.password());
    }
    return options;
  }

  /** The connections of all but the engine. A single statement is bounded, a transaction is not. */
  public Pool pool() {
    return pool;
  }

  /**
   * A connection of its own that hears notifications, not yet connected. It connects again by
   * itself, more and more slowly; what is notified meanwhile is lost.
   */
  public PgSubscriber subscriber() {
    return PgSubscriber.subscriber(vertx, new PgConnectOptions(options))
        .reconnectPolicy(retries -> Math.min(MOST_APART_MS, 100L << Math.min(retries, 10)));
  }

  /** The engine's own few connections, for short statements; all that it is asked is bounded. */
  public Pool enginePool() {
    return enginePool;
  }

  /** How often there was no connection, one broke, or nothing came in time; only grows. */
  public long lost() {
    return pool.lost() + enginePool.lost();
  }

  /** How often PostgreSQL refused what it was asked; only grows. */
  public long refused() {
    return pool.refused() + enginePool.refused();
  }

  /**
   * What people look at who look after the whole, and who they are: four connections, on which a
   * statement ends after five seconds.
   */
  public Pool consolePool() {
    return console;
  }

  /** What is read on behalf of end users. */
  public EndUsers endUsers() {
    return new EndUsers(readers);
  }

  /** Cuts a connection of these pools, whatever it waits for; it leaves its pool. */
  public static void cut(SqlConnection connection) {
    WatchedPool.cut(connection);
  }

  /** Whether no other process can use this database, so that all earlier workers are dead. */
  public boolean exclusive() {
    return embedded != null;
  }

  /**
   * The encryption key to use where none is configured: kept beside the embedded database's data.
   *
   * @return base64 of 256 bits, or null if the database is not ours
   */
  public String keptEncryptionKey() {
    return embedded == null ? null : embedded.secret("encryption-key");
  }

  /** The loopback port of the embedded server, or null if the database is not ours. */
  public Integer embeddedPort() {
    return embedded == null ? null : embedded.port();
  }

  String embeddedPassword() {
    return embedded == null ? null : embedded.password();
  }

  /** Closes the connections, within a bound even if nobody answers, and stops the server. */
  public Future<Void> close() {
    return Future.join(List.of(pool.close(), enginePool.close(), console.close(), readers.close()))
        .<Void>mapEmpty()
        .eventually(
            () ->
                embedded == null
                    ? Future.succeededFuture()
                    : vertx.executeBlocking(
                        () -> {
                          embedded.stop();
                          return null;
                        },
                        false));
  }
}
