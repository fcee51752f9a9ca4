package io.millrace.console;

import io.millrace.limit.LocalCodec;
import io.millrace.pipeline.SyncProgress;
import io.millrace.store.CacheFigures;
import io.millrace.store.Database;
import io.millrace.store.DatabaseSettings;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.Mailboxes;
import io.millrace.store.SyncRuns;
import io.millrace.store.Vault;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** A console over a real database, whose connections can be taken away and given back. */
final class ConsoleTestKit {
  /** Fast, and with room for two readers. */
  static final ConsoleLimits LIMITS = new ConsoleLimits(2, 200, 10_000, 20, 100, 15_000, 2_000);

  final Vertx vertx = Vertx.vertx();
  final Mailboxes mailboxes;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Database database;
  private final Pool closed;
  private final SyncRuns runs = new SyncRuns();
  private final Mailboxes watched;
  private final Jobs jobs;
  private volatile boolean away;
  private ConsoleVerticle console;

  ConsoleTestKit() throws Exception {
    vertx.eventBus().registerDefaultCodec(SyncProgress.class, new LocalCodec<>(SyncProgress.class));
    database = await(Database.open(vertx, new DatabaseSettings(null, null, null, 4)));
    closed =
        PgBuilder.pool()
            .connectingTo(new PgConnectOptions().setHost("127.0.0.1").setUser("nobody"))
            .using(vertx)
            .build();
    await(closed.close());
    Vault vault = new Vault(database.keptEncryptionKey());
    mailboxes = new Mailboxes(database.pool(), vault);
    Pool pool = switched();
    watched = new Mailboxes(pool, vault);
    jobs = new Jobs(pool, new Kinds(pool));
  }

  private Pool switched() {
    return (Pool)
        Proxy.newProxyInstance(
            Pool.class.getClassLoader(),
            new Class<?>[] {Pool.class},
            (proxy, method, arguments) -> {
              try {
                return method.invoke(away ? closed : database.pool(), arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Closes or reopens the pool as the console sees it. */
  void databaseAway(boolean isAway) {
    away = isAway;
  }

  ConsoleVerticle verticle(int port, ConsoleLimits limits) {
    return new ConsoleVerticle(
            new ConsoleSettings("127.0.0.1", port), limits, watched, jobs, "1.2.3", "legacy", 4)
        .withCache(() -> new CacheFigures(10, 5, 1, 2, 2, 0, 0, 0));
  }

  /** On any port, with access of one's own. */
  ConsoleVerticle verticle(AccessSettings access) {
    return new ConsoleVerticle(
        new ConsoleSettings("127.0.0.1", 0, access, Optional.empty()),
        LIMITS,
        watched,
        jobs,
        "1.2.3",
        "legacy",
        4);
  }

  void start() throws Exception {
    start(LIMITS);
  }

  void start(ConsoleLimits limits) throws Exception {
    console = verticle(0, limits);
    await(vertx.deployVerticle(console));
  }

  /** Stops the console and forgets all mailboxes. */
  void stop() throws Exception {
    databaseAway(false);
    for (String id : vertx.deploymentIDs()) {
      await(vertx.undeploy(id));
    }
    await(database.pool().query("truncate account cascade").execute());
  }

  /** A mailbox in the middle of its first run. */
  long syncing(String email, int stored, long estimate) throws Exception {
    long user = await(mailboxes.connect(email, "secret"));
    long run =
        await(
            database
                .pool()
                .withTransaction(c -> runs.begin(c, user, "full", "list", "1", estimate)));
    account(user, run, stored);
    return user;
  }

  private void account(long user, long run, int stored) throws Exception {
    List<String> ids = IntStream.range(0, stored).mapToObj(i -> "m" + i).toList();
    SyncRuns.Spent spent = new SyncRuns.Spent(5L * stored, stored, 0, 0);
    await(
        database
            .pool()
            .withTransaction(c -> runs.account(c, user, run, ids, List.of(), List.of(), spent)));
  }

  void trouble(long user, String sentence) throws Exception {
    await(database.pool().withConnection(c -> mailboxes.trouble(c, user, sentence)));
  }

  void publish(long user) {
    vertx.eventBus().publish(SyncProgress.ADDRESS, new SyncProgress(user, "list", 1, 1));
  }

  HttpResponse<String> send(String method, String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path)).method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path, String... headers) throws Exception {
    return send("GET", path, headers);
  }

  EventLines events() throws IOException, InterruptedException {
    return new EventLines(
        http.send(
            HttpRequest.newBuilder(uri("/api/v1/events")).build(),
            HttpResponse.BodyHandlers.ofInputStream()));
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + console.port() + path);
  }

  static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  void close() throws Exception {
    await(database.close());
    await(vertx.close());
  }
}
