package io.millrace.chaos;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The proxy does to a connection what it says, and no more. */
@Timeout(20)
class CuttingProxyTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  private final ExecutorService echoes = Executors.newCachedThreadPool();
  private ServerSocket server;
  private CuttingProxy proxy;

  @BeforeEach
  void start() throws IOException {
    server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    echoes.execute(this::accept);
    proxy = CuttingProxy.to(server.getLocalPort(), 7);
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    server.close();
    echoes.shutdownNow();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        echoes.execute(() -> echo(client));
      } catch (IOException e) {
        // The end of the test.
      }
    }
  }

  private static void echo(Socket client) {
    try (client) {
      client.getInputStream().transferTo(client.getOutputStream());
    } catch (IOException e) {
      // Cut, as is meant.
    }
  }

  private Socket connect(int number) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(200);
    Await.until(SOON, () -> "not accepted", () -> proxy.accepted() == number);
    return socket;
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void answers(Socket socket, String text) throws IOException {
    say(socket, text);
    assertArrayEquals(
        text.getBytes(StandardCharsets.US_ASCII),
        socket.getInputStream().readNBytes(text.length()));
  }

  @Test
  void cutsTheOneThatIsNamed() throws Exception {
    try (Socket first = connect(1);
        Socket second = connect(2)) {
      answers(first, "one");
      answers(second, "two");
      assertTrue(proxy.cut(1));
      assertThrows(IOException.class, () -> answers(first, "gone"));
      answers(second, "still there");
      assertEquals(1, proxy.connections());
    }
  }

  @Test
  void cutsInTheMiddleOfTheAnswerThatHoldsAText() throws Exception {
    try (Socket socket = connect(1)) {
      proxy.cutInAnswersWith("COMMIT", 1);
      answers(socket, "SELECT 1");
      say(socket, "COMMIT");
      byte[] got = new byte[0];
      try {
        got = socket.getInputStream().readNBytes("COMMIT".length());
      } catch (IOException e) {
        // Reset before what had come could be read.
      }
      assertTrue(got.length < "COMMIT".length(), () -> "all of it came");
      Await.until(SOON, () -> "not cut", () -> proxy.connections() == 0);
    }
  }

  @Test
  void holdsBackAndLetsGo() throws Exception {
    try (Socket socket = connect(1)) {
      proxy.stall();
      say(socket, "late");
      assertThrows(SocketTimeoutException.class, () -> socket.getInputStream().read());
      proxy.resume();
      Await.until(SOON, () -> "nothing came", () -> socket.getInputStream().available() == 4);
    }
  }

  @Test
  void abandonsOnlyThoseThatStand() throws Exception {
    try (Socket old = connect(1)) {
      proxy.abandon();
      say(old, "lost");
      assertThrows(SocketTimeoutException.class, () -> old.getInputStream().read());
      try (Socket fresh = connect(2)) {
        answers(fresh, "found");
      }
    }
  }

  @Test
  void refuses() throws Exception {
    proxy.refuse(true);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      socket.setSoTimeout(2_000);
      assertThrows(
          IOException.class,
          () -> {
            if (socket.getInputStream().read() < 0) {
              throw new IOException("closed");
            }
          });
    }
  }
}
