package io.millrace.store;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real Redis in a process of its own, which tests may kill, stop and start again. */
final class RedisServer implements AutoCloseable {
  private final Vertx vertx;
  private final int port;
  private final Path log;
  private Process process;

  private RedisServer(Vertx vertx) throws IOException {
    this.vertx = vertx;
    this.log = Files.createTempFile("redis", ".log");
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
  }

  static RedisServer start(Vertx vertx) throws Exception {
    RedisServer server = new RedisServer(vertx);
    server.start();
    return server;
  }

  String uri() {
    return "redis://127.0.0.1:" + port;
  }

  int port() {
    return port;
  }

  void start() throws Exception {
    try {
      process =
          new ProcessBuilder(
                  List.of(
                      "redis-server",
                      "--port",
                      "" + port,
                      "--bind",
                      "127.0.0.1",
                      "--save",
                      "",
                      "--appendonly",
                      "no",
                      "--requirepass",
                      "letmein",
                      "--dir",
                      log.getParent().toString()))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      throw new IllegalStateException(
          "redis-server is not on the PATH: install it (apt-get install -y redis-server).", e);
    }
    NetClient client = vertx.createNetClient();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (true) {
      try {
        StoreTestKit.await(client.connect(port, "127.0.0.1").compose(s -> s.close()));
        break;
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() > end) {
          throw new IllegalStateException("Redis did not start: " + Files.readString(log), e);
        }
        StoreTestKit.await(vertx.timer(20, TimeUnit.MILLISECONDS));
      }
    }
    StoreTestKit.await(client.close());
  }

  /** As when the power goes. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** It is there, but silent. */
  void freeze() throws Exception {
    signal("STOP");
  }

  void thaw() throws Exception {
    signal("CONT");
  }

  private void signal(String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, "" + process.pid()).start().waitFor();
  }

  @Override
  public void close() throws IOException {
    kill();
    Files.deleteIfExists(log);
  }
}
