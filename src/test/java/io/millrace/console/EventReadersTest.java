package io.millrace.console;

import static io.millrace.console.ConsoleTestKit.await;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class EventReadersTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  void aReaderWhoDoesNotReadIsDropped() throws Exception {
    EventReaders readers = new EventReaders(1);
    Promise<Context> joined = Promise.promise();
    HttpServer server =
        await(
            vertx
                .createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false))
                .requestHandler(
                    request -> {
                      readers.add(request.response());
                      joined.complete(vertx.getOrCreateContext());
                    })
                .listen(0, "127.0.0.1"));
    NetSocket slow = await(vertx.createNetClient().connect(server.actualPort(), "127.0.0.1"));
    slow.pause();
    slow.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    Context context = await(joined.future());

    Promise<Boolean> full = Promise.promise();
    Promise<Void> dropped = Promise.promise();
    context.runOnContext(
        v -> {
          full.complete(readers.full());
          // More than any socket buffers; each piece alone is more than the queue may hold.
          Buffer piece = Buffer.buffer(new byte[1 << 20]);
          vertx.setPeriodic(
              1,
              id -> {
                readers.each(reader -> readers.send(reader, piece));
                if (readers.none() && vertx.cancelTimer(id)) {
                  dropped.complete();
                }
              });
        });
    assertTrue(await(full.future()));
    await(dropped.future());
    assertFalse(readers.full());

    Promise<Void> cut = Promise.promise();
    slow.closeHandler(v -> cut.complete());
    slow.handler(data -> {}).resume();
    await(cut.future());
  }
}
