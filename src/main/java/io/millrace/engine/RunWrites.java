package io.millrace.engine;

import io.millrace.store.Database;
import io.millrace.store.FencedException;
import io.millrace.store.RunKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The transactions of one run. When the run is given up they are taken back: an open one holds the
 * run's fence, and the outcomes of all other runs would wait behind it. Thread-safe.
 */
final class RunWrites {
  private static final long CANCEL_MS = 1_000;
  private static final long ROLLBACK_MS = 3_000;

  private final RunTools tools;
  private final RunKey key;

  private final Map<SqlConnection, Open> open = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * A transaction.
   *
   * @param fail rolls it back
   * @param ended completes afterwards, or after its commit
   */
  private record Open(Consumer<Throwable> fail, Promise<Void> ended) {}

  RunWrites(RunTools tools, RunKey key) {
    this.tools = tools;
    this.key = key;
  }

  /**
   * Writes in one transaction.
   *
   * @param committed told of the transaction after its commit
   */
  <T> Future<T> write(
      TraceParent trace,
      Function<JobTransaction, Future<T>> work,
      Consumer<JobTransaction> committed) {
    JobTransaction[] opened = new JobTransaction[1];
    Promise<Void> ended = Promise.promise();
    SqlConnection[] on = new SqlConnection[1];
    return tools
        .pool()
        .withTransaction(
            connection -> {
              Promise<T> first = Promise.promise();
              on[0] = connection;
              FencedConnection fenced = new FencedConnection(connection, key);
              first.future().onComplete(v -> fenced.end());
              open.put(connection, new Open(first::tryFail, ended));
              if (closed) {
                return Future.<T>failedFuture(new FencedException(key));
              }
              tools
                  .jobs()
                  .fence(connection, key)
                  .compose(
                      spent -> {
                        opened[0] =
                            new JobTransaction(
                                fenced, tools.jobs(), tools.enqueuer(), key, trace, spent);
                        return work.apply(opened[0]);
                      })
                  .onComplete(first::tryComplete, first::tryFail);
              return first.future();
            })
        // A statement that we cancelled says so; what it means is that the run writes no more.
        .recover(e -> Future.failedFuture(closed ? new FencedException(key) : e))
        .onSuccess(
            v -> {
              committed.accept(opened[0]);
              if (opened[0].enqueued()) {
                tools.vertx().eventBus().publish(Engine.WAKE, "");
              }
            })
        .onComplete(
            v -> {
              if (on[0] != null) {
                open.remove(on[0]);
              }
              ended.complete();
            });
  }

  /**
   * Lets no transaction begin any more, cancels the statements of open ones and rolls them back;
   * one that does not answer even then loses its connection.
   *
   * @return completes when they have ended, within a bound. Never fails.
   */
  Future<Void> giveUp() {
    closed = true;
    // Cancelled first and rolled back afterwards: the connection must still be ours.
    Future<?> cancelled =
        Future.join(open.keySet().stream().map(RunWrites::cancel).toList())
            .timeout(CANCEL_MS, TimeUnit.MILLISECONDS);
    return cancelled
        .transform(
            v -> {
              List<Open> left = List.copyOf(open.values());
              left.forEach(one -> one.fail().accept(new FencedException(key)));
              return Future.join(left.stream().map(one -> one.ended().future()).toList())
                  .timeout(ROLLBACK_MS, TimeUnit.MILLISECONDS);
            })
        .transform(
            v -> {
              open.keySet().forEach(Database::cut);
              return Future.succeededFuture();
            });
  }

  private static Future<Void> cancel(SqlConnection connection) {
    return PgConnection.cast(connection).cancelRequest();
  }
}
