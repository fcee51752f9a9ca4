package io.millrace.engine;

import io.millrace.store.FencedException;
import io.millrace.store.RunKey;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.sqlclient.PrepareOptions;
import io.vertx.sqlclient.PreparedQuery;
import io.vertx.sqlclient.PreparedStatement;
import io.vertx.sqlclient.Query;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.spi.DatabaseMetadata;

/**
 * A connection that takes statements only while its transaction is open. A pooled connection goes
 * on working after it was given back: a handler that went on after its run was given up would write
 * without fence and without transaction, into somebody else's.
 */
final class FencedConnection implements SqlConnection {
  private final SqlConnection connection;
  private final RunKey key;
  private volatile boolean open = true;

  FencedConnection(SqlConnection connection, RunKey key) {
    this.connection = connection;
    this.key = key;
  }

  /** From now on every statement fails with {@link FencedException}. */
  void end() {
    open = false;
  }

  private SqlConnection current() {
    if (!open) {
      throw new FencedException(key);
    }
    return connection;
  }

  @Override
  public Query<RowSet<Row>> query(String sql) {
    return current().query(sql);
  }

  @Override
  public PreparedQuery<RowSet<Row>> preparedQuery(String sql) {
    return current().preparedQuery(sql);
  }

  @Override
  public PreparedQuery<RowSet<Row>> preparedQuery(String sql, PrepareOptions options) {
    return current().preparedQuery(sql, options);
  }

  @Override
  public Future<PreparedStatement> prepare(String sql) {
    return current().prepare(sql);
  }

  @Override
  public Future<PreparedStatement> prepare(String sql, PrepareOptions options) {
    return current().prepare(sql, options);
  }

  @Override
  public SqlConnection exceptionHandler(Handler<Throwable> handler) {
    current().exceptionHandler(handler);
    return this;
  }

  @Override
  public SqlConnection closeHandler(Handler<Void> handler) {
    current().closeHandler(handler);
    return this;
  }

  @Override
  public Future<Transaction> begin() {
    return Future.failedFuture("The run's transaction is open already.");
  }

  @Override
  public Transaction transaction() {
    // Its end is the engine's to decide.
    return null;
  }

  @Override
  public boolean isSSL() {
    return connection.isSSL();
  }

  @Override
  public DatabaseMetadata databaseMetadata() {
    return connection.databaseMetadata();
  }

  @Override
  public Future<Void> close() {
    return Future.failedFuture("The connection is closed when the run's transaction ends.");
  }
}
