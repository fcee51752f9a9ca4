package io.millrace.google;

import io.millrace.limit.BreakerSettings;
import io.millrace.limit.ByteBudget;
import io.millrace.limit.Quota;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.zip.GZIPOutputStream;

/** A peer that answers as a test tells it to, and a client that speaks to it. */
final class Peer implements AutoCloseable {
  static final long USER = 7;

  /** Most tests are about what a client does with failures, however many there are. */
  private static final BreakerSettings NEVER_OPEN =
      new BreakerSettings(
          1, 1_000_000, Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofSeconds(10));

  static final Instant NOW = Instant.parse("2026-06-12T19:00:00Z");

  /** Grants everything at once and remembers what it was told. */
  static final class FreeQuota implements Quota {
    final List<String> refusals = new CopyOnWriteArrayList<>();
    final AtomicInteger taken = new AtomicInteger();
    final AtomicInteger urgent = new AtomicInteger();
    volatile int mostAtOnce = Integer.MAX_VALUE;
    volatile RuntimeException refuse;
    volatile IntFunction<Future<Integer>> instead;

    @Override
    public Future<Integer> take(long user, int want, int min) {
      if (refuse != null) {
        return Future.failedFuture(refuse);
      }
      if (instead != null) {
        return instead.apply(min);
      }
      int granted = Math.max(min, Math.min(want, mostAtOnce) / min * min);
      taken.addAndGet(granted);
      return Future.succeededFuture(granted);
    }

    @Override
    public Future<Integer> takeUrgently(long user, int want, int min) {
      urgent.incrementAndGet();
      return take(user, want, min);
    }

    @Override
    public void refused(long user, Instant until, boolean wholeProject) {
      refusals.add(user + " " + until + " " + wholeProject);
    }
  }

  volatile Instant now = NOW;
  final Vertx vertx;
  final HttpServer server;
  final AtomicInteger tokens = new AtomicInteger();
  final AtomicInteger calls = new AtomicInteger();
  final List<String> dead = new CopyOnWriteArrayList<>();
  final FreeQuota quota = new FreeQuota();
  final ByteBudget budget;
  final AccessTokens accessTokens;
  final GmailClient client;
  volatile LongFunction<Grant> grantOf = user -> new Grant.Refresh("refresh");
  volatile BiConsumer<HttpServerRequest, Buffer> api = (r, b) -> r.response().end("{}");
  volatile BiConsumer<HttpServerRequest, Buffer> tokenEndpoint =
      (r, b) ->
          r.response()
              .end("{\"access_token\":\"t" + tokens.incrementAndGet() + "\",\"expires_in\":3600}");

  static Peer with(Vertx vertx) {
    return new Peer(vertx, Duration.ofSeconds(5), 1 << 20, 1 << 20, 20);
  }

  Peer(Vertx vertx, BreakerSettings breaker) {
    this(vertx, Duration.ofSeconds(5), 1 << 20, 1 << 20, 20, breaker);
  }

  Peer(Vertx vertx, Duration timeout, long cap, long maxResponse, int connections) {
    this(vertx, timeout, cap, maxResponse, connections, NEVER_OPEN);
  }

  private Peer(
      Vertx vertx,
      Duration timeout,
      long cap,
      long maxResponse,
      int connections,
      BreakerSettings breaker) {
    this.vertx = vertx;
    server =
        await(
            vertx
                .createHttpServer()
                .requestHandler(
                    r ->
                        r.body()
                            .onSuccess(
                                body -> {
                                  if (r.path().equals("/token")) {
                                    tokenEndpoint.accept(r, body);
                                  } else {
                                    calls.incrementAndGet();
                                    api.accept(r, body);
                                  }
                                }))
                .listen(0, "127.0.0.1"));
    URI root = URI.create("http://127.0.0.1:" + server.actualPort() + "/");
    GoogleSettings settings =
        new GoogleSettings(
            root, root.resolve("token"), "id", "secret", timeout, connections, breaker);
    Grants grants =
        new Grants() {
          @Override
          public Future<Optional<Grant>> grant(long user) {
            return Future.succeededFuture(
                user == 404 ? Optional.empty() : Optional.of(grantOf.apply(user)));
          }

          @Override
          public void dead(long user, Grant grant, String reason) {
            dead.add(user + " " + reason);
          }
        };
    InstantSource clock = () -> now;
    budget = new ByteBudget(cap);
    accessTokens =
        new AccessTokens(vertx, GoogleHttp.client(vertx, settings, root), settings, grants, clock);
    client =
        new GmailClient(
            vertx,
            GoogleHttp.client(vertx, settings, root),
            settings,
            QuotaProfile.UNLIMITED,
            quota,
            accessTokens,
            budget,
            maxResponse,
            clock);
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException r) {
        throw r;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  static GoogleFailure failure(Future<?> future) {
    try {
      await(future);
    } catch (GoogleException e) {
      return e.failure();
    }
    throw new AssertionError("it should have failed");
  }

  static String message(String id, String text) {
    return "{\"id\":\""
        + id
        + "\",\"threadId\":\"t\",\"labelIds\":[\"INBOX\"],\"snippet\":\"s\",\"historyId\":\"12\","
        + "\"internalDate\":\"1700000000000\",\"sizeEstimate\":5,\"payload\":{\"a\":\""
        + text
        + "\"}}";
  }

  static String error(int code, String reason, String message) {
    return "{\"error\":{\"code\":"
        + code
        + ",\"message\":\""
        + message
        + "\",\"errors\":[{\"message\":\""
        + message
        + "\",\"domain\":\"global\",\"reason\":\""
        + reason
        + "\"}]}}";
  }

  static void reply(HttpServerRequest r, int status, String body) {
    r.response().setStatusCode(status).end(body);
  }

  static void gzipped(HttpServerResponse r, byte[] gzip) {
    r.putHeader("Content-Encoding", "gzip").end(Buffer.buffer(gzip));
  }

  static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The ids that a request asks for, in order: of one get or of a batch. */
  static List<String> ids(HttpServerRequest r, Buffer body) {
    String text = r.path().contains("batch") ? body.toString() : r.uri();
    List<String> ids = new ArrayList<>();
    int at = 0;
    while ((at = text.indexOf("/messages/", at)) >= 0) {
      at += 10;
      ids.add(text.substring(at, text.indexOf('?', at)));
    }
    return ids;
  }

  /** One part of an answer to a batch. */
  static String part(int index, int status, String json) {
    return "--b\r\nContent-Type: application/http\r\nContent-ID: <response-p"
        + index
        + ">\r\n\r\nHTTP/1.1 "
        + status
        + " X\r\nContent-Type: application/json\r\nContent-Length: "
        + json.length()
        + "\r\n\r\n"
        + json
        + "\r\n";
  }

  static void multipart(HttpServerRequest r, String body) {
    r.response().putHeader("Content-Type", "multipart/mixed; boundary=b").end(body);
  }

  @Override
  public void close() {
    await(server.close());
  }
}
