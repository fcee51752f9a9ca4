package io.millrace.process;

import io.millrace.store.Database;
import io.millrace.store.DatabaseSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A data directory that no Millrace works on any more, opened to be looked into. */
final class KeptData implements AutoCloseable {
  private final Vertx vertx;
  private final Database database;

  private KeptData(Vertx vertx, Database database) {
    this.vertx = vertx;
    this.database = database;
  }

  static KeptData open(Path directory) {
    Vertx vertx = Vertx.vertx();
    DatabaseSettings settings = new DatabaseSettings(null, null, directory, 4);
    return new KeptData(vertx, await(Database.open(vertx, settings)));
  }

  /** The one number that a query gives. */
  long count(String sql) {
    return await(database.pool().query(sql).execute()).iterator().next().getLong(0);
  }

  /** The rows of a query, each as one text. */
  List<String> rows(String sql) {
    List<String> rows = new ArrayList<>();
    await(database.pool().query(sql).execute()).forEach(row -> rows.add(row.deepToString()));
    return rows;
  }

  @Override
  public void close() {
    await(database.close());
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the kept data cannot be read", e);
    }
  }
}
