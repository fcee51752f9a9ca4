package io.millrace.console;

import io.millrace.google.GoogleException;
import io.millrace.google.MailboxNotice;
import io.millrace.google.PushSettings;
import io.millrace.google.PushTokens;
import io.millrace.google.PushTokens.Verdict;
import io.millrace.store.Notices;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the pushes of a Pub/Sub subscription, {@code POST /push/gmail}, on a port of its own: the
 * one address here that strangers can reach. Who pushes is told by the token of the request alone,
 * before a byte of the body is read.
 *
 * <p>Pub/Sub repeats what is not answered with success. So a notice is acknowledged once it is
 * committed, and what makes no sense is acknowledged as well; only what may succeed later is not.
 */
public final class PushVerticle extends VerticleBase {
  /** The one path that is served. */
  public static final String PATH = "/push/gmail";

  private static final Logger log = LoggerFactory.getLogger(PushVerticle.class);
  private static final int MOST_BODY_BYTES = 64 * 1024;
  private static final int MOST_AT_ONCE = 64;
  private static final int IDLE_SECONDS = 60;
  private static final long LONGEST_MS = 10_000;
  private static final long DROP_MS = 2_000;

  private final PushSettings settings;
  private final Function<MailboxNotice, Future<Notices.Kind>> intake;
  private final PushCounts counts = new PushCounts();
  private PushTokens tokens;
  private HttpServer server;
  private int atOnce;
  private volatile int port;

  /**
   * @param settings of which something listens
   * @param intake takes a notice in and answers once it is committed
   */
  public PushVerticle(PushSettings settings, Function<MailboxNotice, Future<Notices.Kind>> intake) {
    this.settings = settings;
    this.intake = intake;
  }

  /** Where it listens, once started. */
  public int port() {
    return port;
  }

  /** What became of pushes since the start, by {@link PushCounts.Fate}. */
  public Map<PushCounts.Fate, Long> counts() {
    return counts.now();
  }

  @Override
  public Future<?> start() {
    tokens = new PushTokens(vertx, settings, InstantSource.system(), System::nanoTime);
    server =
        vertx.createHttpServer(
            new HttpServerOptions().setIdleTimeout(IDLE_SECONDS).setHttp2ClearTextEnabled(false));
    return server
        .requestHandler(this::handle)
        .listen(settings.port(), settings.host())
        .recover(
            e ->
                Future.failedFuture(
                    new ConsoleException(
                        "Pushes cannot be listened for on port %d of %s (push.port, push.host): %s."
                            .formatted(settings.port(), settings.host(), e.getMessage()),
                        e)))
        .onSuccess(listening -> port = listening.actualPort());
  }

  @Override
  public Future<?> stop() {
    return Future.join(server.shutdown(2, TimeUnit.SECONDS), tokens.close());
  }

  private void handle(HttpServerRequest request) {
    if (!PATH.equals(request.path())) {
      end(request, 404);
    } else if (!request.method().equals(HttpMethod.POST)) {
      request.response().putHeader("Allow", "POST");
      end(request, 405);
    } else if (atOnce >= MOST_AT_ONCE) {
      counts.add(PushCounts.Fate.PUT_OFF, "too many pushes at once");
      end(request, 503);
    } else {
      atOnce++;
      request.pause();
      take(request)
          .timeout(LONGEST_MS, TimeUnit.MILLISECONDS)
          .onComplete(
              done -> {
                atOnce--;
                PushCounts.Fate fate = done.succeeded() ? done.result() : PushCounts.Fate.PUT_OFF;
                counts.add(fate, done.succeeded() ? "" : done.cause().getMessage());
                end(request, fate.status());
              });
    }
  }

  private Future<PushCounts.Fate> take(HttpServerRequest request) {
    return tokens
        .judge(request.getHeader("Authorization"))
        .compose(
            verdict ->
                verdict == Verdict.GENUINE
                    ? body(request).compose(this::read)
                    : Future.succeededFuture(
                        verdict == Verdict.FORBIDDEN
                            ? PushCounts.Fate.FORBIDDEN
                            : PushCounts.Fate.UNAUTHENTICATED));
  }

  /** The body; empty if it is too long. */
  private static Future<Buffer> body(HttpServerRequest request) {
    Promise<Buffer> whole = Promise.promise();
    Buffer body = Buffer.buffer();
    request.handler(
        chunk -> {
          if (body.length() + chunk.length() > MOST_BODY_BYTES) {
            whole.tryComplete(Buffer.buffer());
          } else {
            body.appendBuffer(chunk);
          }
        });
    request.endHandler(v -> whole.tryComplete(body));
    request.exceptionHandler(whole::tryFail);
    request.resume();
    return whole.future();
  }

  private Future<PushCounts.Fate> read(Buffer body) {
    MailboxNotice notice;
    try {
      notice = MailboxNotice.read(body.getBytes());
    } catch (GoogleException e) {
      log.debug("a push that makes no sense is acknowledged: {}", e.failure().sentence());
      return Future.succeededFuture(PushCounts.Fate.MALFORMED);
    }
    return intake.apply(notice).map(PushCounts.Fate::of);
  }

  /**
   * Answers when the body has come, as the connection can be used again only then, but waits for it
   * no longer than a moment. What is still to come of it is dropped.
   */
  private void end(HttpServerRequest request, int status) {
    if (request.isEnded()) {
      answer(request, status);
      return;
    }
    Promise<Void> whole = Promise.promise();
    request.handler(chunk -> {});
    request.endHandler(whole::tryComplete);
    request.exceptionHandler(whole::tryFail);
    request.resume();
    whole
        .future()
        .timeout(DROP_MS, TimeUnit.MILLISECONDS)
        .onComplete(
            read ->
                answer(request, status)
                    .onComplete(
                        v -> {
                          if (read.failed()) {
                            request.connection().close();
                          }
                        }));
  }

  private static Future<Void> answer(HttpServerRequest request, int status) {
    if (request.response().ended() || request.response().closed()) {
      return Future.succeededFuture();
    }
    if (status == 401) {
      request.response().putHeader("WWW-Authenticate", "Bearer");
    } else if (status == 503) {
      request.response().putHeader("Retry-After", "2");
    }
    return request.response().setStatusCode(status).end();
  }
}
