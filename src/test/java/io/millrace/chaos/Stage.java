package io.millrace.chaos;

import io.millrace.store.NewJob;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Gives each test a PostgreSQL of its own with Millrace's schema, a proxy before it, and engines;
 * ends and removes them all afterwards.
 */
final class Stage implements BeforeEachCallback, AfterEachCallback {
  private final List<AutoCloseable> started = new ArrayList<>();
  private Template template;
  private Path directory;
  private PostgresServer server;
  private CuttingProxy proxy;
  private Oracle oracle;
  private int workers;

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    template =
        context
            .getRoot()
            .getStore(Namespace.create(Stage.class))
            .getOrComputeIfAbsent(Template.class, type -> Template.make(), Template.class);
    directory = Files.createTempDirectory("millrace-chaos").toRealPath();
    server = serverIn(directory.resolve("pg")).start();
    long seed = Long.getLong("millrace.seed", System.nanoTime());
    proxy = owned(CuttingProxy.to(server.port(), seed));
    oracle = new Oracle(server, context.getDisplayName(), seed);
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    for (int i = started.size() - 1; i >= 0; i--) {
      started.get(i).close();
    }
    started.clear();
    delete(directory);
  }

  /** A server with the schema, in a directory that is not there yet. */
  PostgresServer serverIn(Path cluster) throws Exception {
    PostgresServer.copyTree(template.directory.resolve("pg"), cluster);
    return owned(new PostgresServer(cluster, fresh("server.log"), template.password));
  }

  /** Closed at the end of the test, what was added last being the first. */
  <T extends AutoCloseable> T owned(T thing) {
    started.add(thing);
    return thing;
  }

  PostgresServer server() {
    return server;
  }

  /** The test goes on with another server. */
  void server(PostgresServer other) {
    server = other;
    oracle.server(other);
    proxy.switchTo(other.port());
  }

  CuttingProxy proxy() {
    return proxy;
  }

  Oracle oracle() {
    return oracle;
  }

  /** A path in the test's directory, at which nothing is yet. */
  Path fresh(String name) {
    return directory.resolve(name);
  }

  /** Starts an engine that reaches the database through the proxy. */
  WorkerProcess worker(String... options) throws IOException {
    return workerAt(proxy.port(), options);
  }

  /** Starts an engine beside the proxy. */
  WorkerProcess workerAt(int port, String... options) throws IOException {
    Path log = fresh("worker-" + ++workers + ".log");
    String uri = "postgresql://millrace@127.0.0.1:" + port + "/postgres";
    WorkerProcess worker = owned(WorkerProcess.start(log, uri, server.password(), options));
    oracle.watch(worker);
    return worker;
  }

  /** Enqueues jobs of a kind whose payload's number counts from 0. */
  List<Long> enqueue(String kind, int count, long ms) throws Exception {
    return enqueue(
        kind, IntStream.range(0, count).mapToObj(n -> EngineProcess.job(kind, n, ms)).toList());
  }

  List<Long> enqueue(String kind, List<NewJob> jobs) throws Exception {
    Vertx vertx = Vertx.vertx();
    Pool pool =
        PgBuilder.pool()
            .with(new PoolOptions().setMaxSize(2))
            .connectingTo(
                new PgConnectOptions()
                    .setHost("127.0.0.1")
                    .setPort(server.port())
                    .setDatabase("postgres")
                    .setUser("millrace")
                    .setPassword(server.password())
                    .setProperties(Map.of("search_path", "millrace")))
            .using(vertx)
            .build();
    try {
      List<Long> ids = EngineProcess.await(EngineProcess.enqueue(pool, jobs));
      oracle.expect(kind, ids);
      return ids;
    } finally {
      EngineProcess.await(pool.close());
      EngineProcess.await(vertx.close());
    }
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  /** The data directory that each test's server begins with; made once. */
  private record Template(Path directory, String password) implements AutoCloseable {
    private static Template make() {
      try {
        Path directory = Files.createTempDirectory("millrace-template").toRealPath();
        EngineProcess.prepare(directory);
        return new Template(directory, Files.readString(directory.resolve("password")).strip());
      } catch (Exception e) {
        throw new IllegalStateException("the servers' data cannot be made", e);
      }
    }

    @Override
    public void close() throws IOException {
      delete(directory);
    }
  }
}
