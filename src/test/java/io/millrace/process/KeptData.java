package io.millrace.process;

import io.millrace.store.Database;
import io.millrace.store.DatabaseSettings;
import io.millrace.store.Mailboxes;
import io.millrace.store.Vault;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A database opened to be looked into: a data directory that no Millrace works on any more, or one
 * that is served elsewhere.
 */
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

  /** One that others may work on meanwhile. */
  static KeptData of(ExternalDatabase database) {
    Vertx vertx = Vertx.vertx();
    String uri = "postgresql://millrace@127.0.0.1:" + database.port() + "/postgres";
    DatabaseSettings settings = new DatabaseSettings(uri, database.password(), null, 4);
    return new KeptData(vertx, await(Database.open(vertx, settings)));
  }

  /** Connects mailboxes, and has whoever works on this database sync them. */
  void connect(Map<String, String> refreshTokens, String encryptionKey) {
    Mailboxes mailboxes = new Mailboxes(database.pool(), new Vault(encryptionKey));
    refreshTokens.forEach((email, token) -> await(mailboxes.connect(email, token)));
    count(
        """
        select count(enqueue(user_id, 'google_gmail_sync', dedup_key => 'gmail-sync'))
        from mailbox""");
  }

  /** The one number that a query gives. */
  long count(String sql) {
    return await(database.pool().query(sql).execute()).iterator().next().getLong(0);
  }

  /** The numbers that a query gives, each by its name. */
  Map<String, Long> numbers(String sql) {
    Map<String, Long> numbers = new HashMap<>();
    await(database.pool().query(sql).execute())
        .forEach(row -> numbers.put(row.getString(0), row.getLong(1)));
    return numbers;
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
