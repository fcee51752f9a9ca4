package io.millrace.bench.peer;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A process with many consoles in it that read as the dashboard's first screen does, and throw away
 * what they read: one event loop, so that they take as little from what is measured as can be.
 *
 * <pre>
 * open PORT N   → opened (each has its page, its first figures and an open stream)
 * close         → closed EVENTS BYTES ANSWERS UNCHANGED REFUSED (since they were opened)
 * </pre>
 */
public final class Readers {
  /** What the page looks at again, all at once. */
  private static final List<String> LOOKED_AT =
      List.of("/api/v1/overview", "/api/v1/workers", "/api/v1/limits");

  /** After it heard of something, if it has not looked for so long that this is no burden. */
  private static final long SOONEST_MS = 1_500;

  private static final long LATEST_MS = 15_000;
  private static final long REST = 10;
  private static final long PATIENCE_SECONDS = 60;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final HttpClient http =
      vertx.createHttpClient(
          new HttpClientOptions().setDefaultHost("127.0.0.1"),
          new PoolOptions().setHttp1MaxSize(1_000));
  private final AtomicLong events = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong answers = new AtomicLong();
  private final AtomicLong unchanged = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final List<Page> pages = new ArrayList<>();

  private Readers() {}

  /** Obeys standard input until its end. */
  public static void main(String[] args) throws Exception {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    Readers readers = new Readers();
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line;
    while ((line = commands.readLine()) != null) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "open" -> {
          readers.open(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
          answers.println("opened");
        }
        case "close" -> answers.println("closed " + readers.close());
        default -> throw new IOException("There is no command " + line + ".");
      }
    }
    System.exit(0);
  }

  private void open(int port, int n) throws Exception {
    List.of(events, bytes, answers, unchanged, refused).forEach(count -> count.set(0));
    CountDownLatch open = new CountDownLatch(n);
    for (int i = 0; i < n; i++) {
      Page page = new Page(port, ConsoleUnderTest.token(i % ConsoleUnderTest.OPERATORS), open);
      pages.add(page);
      vertx.runOnContext(v -> page.open());
    }
    if (!open.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(open.getCount() + " consoles could not be opened");
    }
  }

  private String close() throws Exception {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    vertx.runOnContext(
        v -> {
          pages.forEach(Page::close);
          pages.clear();
          closed.complete(null);
        });
    closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return "%d %d %d %d %d"
        .formatted(events.get(), bytes.get(), answers.get(), unchanged.get(), refused.get());
  }

  /** One open console. Belongs to the event loop. */
  private final class Page {
    private final int port;
    private final String token;
    private final CountDownLatch open;
    private final MultiMap etags = MultiMap.caseInsensitiveMultiMap();
    private HttpClientRequest stream;
    private boolean closed;
    private boolean looking;
    private boolean counted;
    private long timer = -1;
    private long due;
    private long earliest;
    private long began;
    private int waitedFor;

    Page(int port, String token, CountDownLatch open) {
      this.port = port;
      this.token = token;
      this.open = open;
    }

    private RequestOptions at(String path) {
      RequestOptions options =
          new RequestOptions()
              .setMethod(HttpMethod.GET)
              .setPort(port)
              .setURI(path)
              .putHeader("Authorization", "Bearer " + token);
      String etag = etags.get(path);
      // As a browser does with what it keeps.
      return etag == null ? options : options.putHeader("If-None-Match", etag);
    }

    /** Open is what has read its page and its first figures, and hears what happens. */
    void open() {
      List<String> page =
          List.of(
              "/", "/console.css", "/ui/app.js", "/ui/screen.js", "/ui/overview.js", "/api/v1/me");
      waitedFor = page.size();
      page.forEach(
          path ->
              read(
                  path,
                  () -> {
                    if (--waitedFor == 0) {
                      listen();
                    }
                  }));
    }

    private void listen() {
      http.request(at("/api/v1/events"))
          .compose(
              request -> {
                stream = request;
                return request.send();
              })
          .onSuccess(this::follow)
          .onFailure(e -> refused.incrementAndGet());
    }

    private void follow(HttpClientResponse response) {
      if (response.statusCode() != 200) {
        refused.incrementAndGet();
        return;
      }
      response.handler(
          chunk -> {
            bytes.addAndGet(chunk.length());
            events.incrementAndGet();
            schedule(SOONEST_MS);
          });
      response.exceptionHandler(e -> {});
      look();
    }

    private void read(String path, Runnable done) {
      http.request(at(path))
          .compose(HttpClientRequest::send)
          .compose(
              response -> {
                answers.incrementAndGet();
                if (response.statusCode() == 304) {
                  unchanged.incrementAndGet();
                } else if (response.statusCode() != 200) {
                  refused.incrementAndGet();
                } else if (response.getHeader("ETag") != null) {
                  etags.set(path, response.getHeader("ETag"));
                }
                response.handler(chunk -> bytes.addAndGet(chunk.length()));
                return response.end();
              })
          .onComplete(read -> done.run());
    }

    private void look() {
      if (closed || looking) {
        return;
      }
      vertx.cancelTimer(timer);
      timer = -1;
      looking = true;
      began = System.nanoTime();
      waitedFor = LOOKED_AT.size();
      LOOKED_AT.forEach(path -> read(path, this::looked));
    }

    private void looked() {
      if (--waitedFor == 0) {
        looking = false;
        if (!counted) {
          counted = true;
          open.countDown();
        }
        long now = System.nanoTime();
        earliest = now + REST * (now - began);
        schedule(LATEST_MS);
      }
    }

    private void schedule(long waitMs) {
      if (closed || looking) {
        return;
      }
      long now = System.nanoTime();
      long wanted = Math.max(now + TimeUnit.MILLISECONDS.toNanos(waitMs), earliest);
      if (timer >= 0 && due <= wanted) {
        return;
      }
      vertx.cancelTimer(timer);
      due = wanted;
      timer =
          vertx.setTimer(
              Math.max(1, TimeUnit.NANOSECONDS.toMillis(wanted - now)),
              id -> {
                timer = -1;
                look();
              });
    }

    void close() {
      closed = true;
      vertx.cancelTimer(timer);
      if (stream != null) {
        stream.reset();
      }
    }
  }
}
