package io.millrace.store;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PrepareOptions;
import io.vertx.sqlclient.PreparedQuery;
import io.vertx.sqlclient.Query;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.SqlResult;
import io.vertx.sqlclient.TransactionRollbackException;
import io.vertx.sqlclient.Tuple;
import io.vertx.sqlclient.impl.SocketConnectionBase;
import io.vertx.sqlclient.internal.Connection;
import io.vertx.sqlclient.internal.SqlConnectionInternal;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool that never waits for ever: whoever is not answered within a bound loses the connection,
 * which leaves the pool at once, since one that nobody answers would be handed out again and again.
 * What broke is said in one line, and a lost connection is a {@link DatabaseException}, not one of
 * the driver's many words for it. Thread-safe.
 */
final class WatchedPool implements Pool {
  private static final Logger log = LoggerFactory.getLogger(WatchedPool.class);

  private static final int CLOSE_SECONDS = 3;
  private static final String LOST = "The connection to the database was lost";

  private final Vertx vertx;
  private final Pool pool;
  private final Duration bound;
  private final boolean whole;
  private final Set<Connection> seen = ConcurrentHashMap.newKeySet();
  private final LongAdder lost = new LongAdder();
  private final LongAdder refused = new LongAdder();

  /**
   * @param bound for each statement that the pool is asked itself, and for begin, commit and
   *     rollback
   * @param whole whether it holds for a transaction as a whole as well; else what happens in it may
   *     take its time
   */
  WatchedPool(Vertx vertx, Pool pool, Duration bound, boolean whole) {
    this.vertx = vertx;
    this.pool = pool;
    this.bound = bound;
    this.whole = whole;
  }

  /**
   * Cuts a connection, whatever it waits for. Every way to close it says goodbye and waits for the
   * other end, which does not answer; so the driver's codec is passed by. May be called more than
   * once and from any thread.
   */
  static void cut(SqlConnection connection) {
    cut(physical(connection));
  }

  private static Connection physical(SqlConnection connection) {
    return ((SqlConnectionInternal) connection).unwrap().unwrap();
  }

  private static void cut(Connection physical) {
    if (physical instanceof SocketConnectionBase s) {
      ChannelHandlerContext beforeCodec =
          s.socket().channelHandlerContext().pipeline().firstContext();
      if (beforeCodec != null) { // Else it is closed already.
        ChannelFuture unused = beforeCodec.close();
      }
    }
  }

  /** How often there was no connection, it broke, or nothing came in time. */
  long lost() {
    return lost.sum();
  }

  /** How often PostgreSQL refused what it was asked. */
  long refused() {
    return refused.sum();
  }

  private <T> Future<T> counted(Future<T> done) {
    return done.onFailure(
        e -> {
          if (e instanceof DatabaseException) {
            lost.increment();
          } else if (e instanceof PgException) {
            refused.increment();
          }
        });
  }

  @Override
  public Future<SqlConnection> getConnection() {
    return pool.getConnection()
        .onSuccess(
            connection -> {
              if (seen.add(physical(connection))) {
                seen.removeIf(Predicate.not(Connection::isValid));
              }
            })
        .map(
            connection ->
                connection.exceptionHandler(
                    e -> log.info("a connection to the database broke: {}", e.getMessage())))
        .recover(e -> Future.failedFuture(lost("There is no connection to the database", e)));
  }

  @Override
  public <T> Future<T> withConnection(Function<SqlConnection, Future<T>> work) {
    return counted(
        getConnection()
            .compose(
                connection -> {
                  Future<T> done = attempt(work, connection);
                  return (whole ? bounded(connection, done) : done)
                      .onComplete(v -> connection.close());
                }));
  }

  @Override
  public <T> Future<T> withTransaction(Function<SqlConnection, Future<T>> work) {
    return counted(
        getConnection()
            .compose(
                connection -> {
                  Future<T> done = transaction(connection, work);
                  return (whole ? bounded(connection, done) : done)
                      .onComplete(v -> connection.close());
                }));
  }

  private <T> Future<T> transaction(
      SqlConnection connection, Function<SqlConnection, Future<T>> work) {
    return step(connection, connection.begin())
        .compose(
            begun ->
                attempt(work, connection)
                    .transform(
                        done -> {
                          if (done.succeeded()) {
                            return step(connection, begun.commit()).map(done.result());
                          }
                          Throwable e = done.cause();
                          if (e instanceof TransactionRollbackException) {
                            return Future.failedFuture(e);
                          }
                          return step(connection, begun.rollback())
                              .transform(
                                  back ->
                                      Future.failedFuture(
                                          back.succeeded() || e instanceof FencedException
                                              ? e
                                              : lost(LOST, e)));
                        }));
  }

  private <T> Future<T> step(SqlConnection connection, Future<T> answer) {
    return whole ? answer.recover(WatchedPool::broken) : bounded(connection, answer);
  }

  private static <T> Future<T> attempt(
      Function<SqlConnection, Future<T>> work, SqlConnection connection) {
    try {
      return work.apply(connection);
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  /** The answer, if it comes in time. */
  private <T> Future<T> bounded(SqlConnection connection, Future<T> answer) {
    Promise<T> first = Promise.promise();
    long timer =
        vertx.setTimer(
            bound.toMillis(),
            id -> {
              String sentence =
                  "The database did not answer within %d ms; the connection was cut."
                      .formatted(bound.toMillis());
              log.warn("the database did not answer within {} ms", bound.toMillis());
              cut(connection);
              first.tryFail(new DatabaseException(sentence));
            });
    answer.onComplete(
        done -> {
          vertx.cancelTimer(timer);
          if (done.succeeded()) {
            first.tryComplete(done.result());
          } else {
            first.tryFail(done.cause());
          }
        });
    return first.future().recover(WatchedPool::broken);
  }

  private static <T> Future<T> broken(Throwable e) {
    boolean torn = e instanceof VertxException || e instanceof IOException;
    return Future.failedFuture(torn ? lost(LOST, e) : e);
  }

  /** What PostgreSQL said itself, and what was said already, stays as it is. */
  private static Throwable lost(String what, Throwable e) {
    return e instanceof PgException || e instanceof DatabaseException
        ? e
        : new DatabaseException(what + ": " + e.getMessage(), e);
  }

  private <T> Future<T> asked(Function<SqlConnection, Future<T>> question) {
    return counted(
        getConnection()
            .compose(
                connection ->
                    bounded(connection, attempt(question, connection))
                        .onComplete(v -> connection.close())));
  }

  @Override
  public Query<RowSet<Row>> query(String sql) {
    return new Asked<>(connection -> connection.query(sql));
  }

  @Override
  public PreparedQuery<RowSet<Row>> preparedQuery(String sql) {
    return new Prepared<>(connection -> connection.preparedQuery(sql));
  }

  @Override
  public PreparedQuery<RowSet<Row>> preparedQuery(String sql, PrepareOptions options) {
    return new Prepared<>(connection -> connection.preparedQuery(sql, options));
  }

  @Override
  public int size() {
    return pool.size();
  }

  @Override
  public Future<Void> close() {
    return pool.close()
        .timeout(CLOSE_SECONDS, TimeUnit.SECONDS)
        .recover(
            e -> {
              log.warn("connections to the database did not close in time: {}", e.getMessage());
              seen.forEach(WatchedPool::cut);
              return Future.succeededFuture();
            });
  }

  private final class Asked<T> implements Query<T> {
    private final Function<SqlConnection, Query<T>> on;

    private Asked(Function<SqlConnection, Query<T>> on) {
      this.on = on;
    }

    @Override
    public Future<T> execute() {
      return asked(connection -> on.apply(connection).execute());
    }

    @Override
    public <R> Query<SqlResult<R>> collecting(Collector<Row, ?, R> collector) {
      return new Asked<>(connection -> on.apply(connection).collecting(collector));
    }

    @Override
    public <U> Query<RowSet<U>> mapping(Function<Row, U> mapper) {
      return new Asked<>(connection -> on.apply(connection).mapping(mapper));
    }
  }

  private final class Prepared<T> implements PreparedQuery<T> {
    private final Function<SqlConnection, PreparedQuery<T>> on;

    private Prepared(Function<SqlConnection, PreparedQuery<T>> on) {
      this.on = on;
    }

    @Override
    public Future<T> execute() {
      return asked(connection -> on.apply(connection).execute());
    }

    @Override
    public Future<T> execute(Tuple tuple) {
      return asked(connection -> on.apply(connection).execute(tuple));
    }

    @Override
    public Future<T> executeBatch(List<Tuple> batch) {
      return asked(connection -> on.apply(connection).executeBatch(batch));
    }

    @Override
    public <R> PreparedQuery<SqlResult<R>> collecting(Collector<Row, ?, R> collector) {
      return new Prepared<>(connection -> on.apply(connection).collecting(collector));
    }

    @Override
    public <U> PreparedQuery<RowSet<U>> mapping(Function<Row, U> mapper) {
      return new Prepared<>(connection -> on.apply(connection).mapping(mapper));
    }
  }
}
