package io.millrace.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A network that misbehaves on demand: a TCP proxy on loopback that cuts, stalls, delays or
 * refuses. Which connection is cut and where in an answer is drawn by seed. Thread-safe; two
 * threads a connection, since blocking streams are the simplest that hold back what the other end
 * cannot take.
 */
public final class CuttingProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final Random random;
  private final ConcurrentSkipListMap<Integer, Pair> living = new ConcurrentSkipListMap<>();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger answersToCut = new AtomicInteger();
  private volatile String inAnswersWith = "";
  private volatile int target;
  private volatile boolean refusing;
  private volatile boolean stalled;
  private volatile Duration delay = Duration.ZERO;

  private CuttingProxy(ServerSocket listener, int target, long seed) {
    this.listener = listener;
    this.target = target;
    this.random = new Random(seed);
  }

  /** Begins to pass on to a port of this machine. */
  public static CuttingProxy to(int port, long seed) throws IOException {
    CuttingProxy proxy =
        new CuttingProxy(new ServerSocket(0, 100, InetAddress.getLoopbackAddress()), port, seed);
    daemon(proxy::accept, "proxy");
    return proxy;
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** New connections go there; those that stand stay where they are. */
  void switchTo(int port) {
    target = port;
  }

  /** How many connections stand. */
  int connections() {
    return living.size();
  }

  /** How many there have ever been. */
  int accepted() {
    return accepted.get();
  }

  /** Cuts the connection that was accepted as this one, the first being 1; false if it is gone. */
  boolean cut(int number) {
    Pair pair = living.get(number);
    if (pair != null) {
      pair.cut();
    }
    return pair != null;
  }

  /** Cuts one of those that stand, drawn by seed; false if there is none. */
  boolean cutOne() {
    List<Integer> numbers = List.copyOf(living.keySet());
    return !numbers.isEmpty() && cut(numbers.get(draw(numbers.size())));
  }

  public void cutAll() {
    living.values().forEach(Pair::cut);
  }

  /**
   * Each of the next answers that hold a text, on whatever connection, is cut off in its middle:
   * the server has done what it was asked, and the client cannot know.
   */
  void cutInAnswersWith(String text, int count) {
    inAnswersWith = text;
    answersToCut.set(count);
  }

  /** How many are still to come. */
  int answersToCut() {
    return answersToCut.get();
  }

  /** New connections are reset as soon as they are made. */
  public void refuse(boolean refuse) {
    refusing = refuse;
  }

  /** No byte passes in either direction until {@link #resume}; nothing is closed. */
  public void stall() {
    stalled = true;
  }

  public void resume() {
    stalled = false;
  }

  /** The connections that stand never carry a byte again, and nobody is told; new ones work. */
  void abandon() {
    living.values().forEach(p -> p.abandoned = true);
  }

  /** Every piece of data waits so long before it goes on. */
  void delay(Duration each) {
    delay = each;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cutAll();
  }

  private int draw(int bound) {
    synchronized (random) {
      return random.nextInt(bound);
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        if (refusing) {
          reset(client);
        } else {
          daemon(() -> join(client), "proxy-join");
        }
      } catch (IOException e) {
        // Closed; or one connection failed before it stood, as connections do.
      }
    }
  }

  private void join(Socket client) {
    Socket server;
    try {
      server = new Socket(InetAddress.getLoopbackAddress(), target);
      server.setTcpNoDelay(true);
      client.setTcpNoDelay(true);
    } catch (IOException e) {
      reset(client);
      return;
    }
    Pair pair = new Pair(accepted.incrementAndGet(), client, server);
    living.put(pair.number, pair);
    daemon(() -> pair.pump(client, server, false), "proxy-ask-" + pair.number);
    daemon(() -> pair.pump(server, client, true), "proxy-answer-" + pair.number);
  }

  /** Both ends of a connection. */
  private final class Pair {
    private final int number;
    private final Socket client;
    private final Socket server;
    private volatile boolean abandoned;
    private volatile boolean cut;

    private Pair(int number, Socket client, Socket server) {
      this.number = number;
      this.client = client;
      this.server = server;
    }

    private void cut() {
      cut = true;
      living.remove(number);
      reset(client);
      reset(server);
    }

    private boolean isToBeCut(byte[] bytes, int n) {
      return answersToCut.get() > 0
          && new String(bytes, 0, n, StandardCharsets.ISO_8859_1).contains(inAnswersWith)
          && answersToCut.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    }

    private void pump(Socket from, Socket to, boolean answers) {
      byte[] bytes = new byte[1 << 16];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
          LockSupport.parkNanos(delay.toNanos());
          while ((stalled || abandoned) && !cut) {
            LockSupport.parkNanos(5_000_000);
          }
          if (answers && isToBeCut(bytes, n)) {
            out.write(bytes, 0, draw(n));
            out.flush();
            break;
          }
          out.write(bytes, 0, n);
          out.flush();
        }
      } catch (IOException e) {
        // The other direction, or either end, has closed it.
      }
      cut();
    }
  }

  /** Closes with RST, as a peer that vanished does. */
  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // It is closed already.
    }
  }

  private static void daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}
