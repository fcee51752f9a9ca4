package io.millrace.store;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.pubsub.PgSubscriber;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The open database: one pool of connections, and the embedded server behind it if there is one.
 * Thread-safe; made once, by the root.
 */
public final class Database {
  private static final int WAIT_QUEUE = 10_000;
  private static final long MOST_APART_MS = 10_000;

  private final Vertx vertx;
  private final Pool pool;
  private final EmbeddedDatabase embedded;
  private final PgConnectOptions options;

  private Database(Vertx vertx, Pool pool, EmbeddedDatabase embedded, PgConnectOptions options) {
    this.vertx = vertx;
    this.pool = pool;
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
            Migrations.migrate(options);
            return new Database(vertx, pool(vertx, settings, options), embedded, options);
          } catch (RuntimeException e) {
            if (embedded != null) {
              embedded.stop();
            }
            throw e;
          }
        },
        false);
  }

  private static Pool pool(Vertx vertx, DatabaseSettings settings, PgConnectOptions options) {
    return PgBuilder.pool()
        .with(
            new PoolOptions()
                .setName("millrace")
                .setShared(true)
                .setMaxSize(settings.poolSize())
                .setMaxWaitQueueSize(WAIT_QUEUE)
                .setConnectionTimeout(30)
                .setConnectionTimeoutUnit(TimeUnit.SECONDS))
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
            "timezone", "UTC"));
    return options.setCachePreparedStatements(true).setPreparedStatementCacheMaxSize(512);
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

  /** The connections; every statement and transaction goes through them. */
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

  /** Closes the pool and stops the embedded server. */
  public Future<Void> close() {
    return pool.close()
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
