package io.millrace.google;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;

/** Publishes keys over HTTP, and counts who asks. */
public final class KeyServer {
  public final AtomicInteger asked = new AtomicInteger();
  public volatile JsonObject keys;
  public volatile int status = 200;
  public volatile String cacheControl = "public, max-age=3600";
  private HttpServer server;

  /** Begins to serve. */
  public KeyServer start(Vertx vertx) throws Exception {
    server =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  asked.incrementAndGet();
                  request
                      .response()
                      .setStatusCode(status)
                      .putHeader("Cache-Control", cacheControl)
                      .end(keys.toBuffer());
                })
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get();
    return this;
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + server.actualPort() + "/certs");
  }

  public void close() throws Exception {
    server.close().toCompletionStage().toCompletableFuture().get();
  }
}
