package io.millrace.console;

import static io.millrace.console.ConsoleTestKit.await;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetSocket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class EventReadersTest {
  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong now = new AtomicLong(1_000);

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  void aReaderWhoDoesNotReadIsDropped() throws Exception {
    EventReaders readers = new EventReaders(1, now::get);
    Promise<Context> joined = Promise.promise();
    HttpServer server =
        await(
            vertx
                .createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false))
                .requestHandler(
                    request -> {
                      readers.add(request.response(), Caller.LOCAL);
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
          full.complete(readers.refusal(Caller.LOCAL) != null);
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
    assertNull(readers.refusal(Caller.LOCAL));

    Promise<Void> cut = Promise.promise();
    slow.closeHandler(v -> cut.complete());
    slow.handler(data -> {}).resume();
    await(cut.future());
  }

  private static Caller caller(String name, Role role, String session) {
    return new Caller(name, role, role == Role.USER ? 7 : Caller.NOBODY, null, session);
  }

  @Test
  void oneCallerClosesTheStreamsOfNobodyElse() {
    EventReaders readers = new EventReaders(30, now::get);
    Caller ann = caller("ann", Role.USER, null);
    for (int i = 0; i < EventReaders.OF_ONE; i++) {
      assertNull(readers.refusal(ann));
      readers.add(FakeResponse.open(), ann);
    }
    assertTrue(readers.refusal(ann).contains("10 streams"), readers.refusal(ann));
    // The rest is for those who look after the whole.
    assertNotNull(readers.refusal(caller("bob", Role.USER, null)));
    for (int i = 0; i < 20; i++) {
      Caller staff = caller("operator " + i, Role.OPERATOR, null);
      assertNull(readers.refusal(staff));
      readers.add(FakeResponse.open(), staff);
    }
    assertNotNull(readers.refusal(caller("another", Role.OPERATOR, null)));
  }

  @Test
  void aHundredWhoLookAfterTheWholeFindPlace() {
    EventReaders readers = new EventReaders(ConsoleLimits.DEFAULTS.readers(), now::get);
    for (int i = 0; i < 100; i++) {
      Caller staff = caller("viewer " + i, Role.VIEWER, null);
      assertNull(readers.refusal(staff));
      readers.add(FakeResponse.open(), staff);
    }
  }

  @Test
  void aStreamEndsWithItsSessionAndWithItsTime() {
    EventReaders readers = new EventReaders(30, now::get);
    FakeResponse one = FakeResponse.of();
    FakeResponse two = FakeResponse.of();
    FakeResponse nobodys = FakeResponse.of();
    readers.add(one.response(), caller("ann", Role.VIEWER, "one"));
    readers.add(two.response(), caller("ann", Role.VIEWER, "two"));
    readers.add(
        nobodys.response(), new Caller("new", Role.USER, Caller.NOBODY, "new@example.org", null));
    readers.ended("one");
    assertTrue(one.ended());
    now.addAndGet(Duration.ofMinutes(1).toNanos());
    readers.heartbeat();
    assertTrue(nobodys.ended());
    assertTrue(!two.ended());
    now.addAndGet(Duration.ofMinutes(9).toNanos());
    readers.heartbeat();
    assertTrue(two.ended());
    assertTrue(readers.none());
  }
}
