package io.millrace.sim;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Sends one answer over HTTP, whole or broken as a fault wants it. Runs on the event loop of its
 * request.
 */
final class Answering {
  private static final Buffer HTML =
      Buffer.buffer(
          "<!DOCTYPE html><html><head><title>Error 502 (Server Error)!!1</title></head><body>"
              + "<p><b>502.</b> <ins>That's an error.</ins></p></body></html>");
  private static final Buffer BROKEN_JSON = Buffer.buffer("{\"error\":{\"code\":500,\"mess");
  private static final int SLOW_PIECES = 8;
  private static final double SLOW_PAUSE = 120;

  private final Vertx vertx;
  private final World world;
  private final HttpServerRequest request;
  private final HttpServerResponse response;

  Answering(Vertx vertx, World world, HttpServerRequest request) {
    this.vertx = vertx;
    this.world = world;
    this.request = request;
    this.response = request.response();
  }

  /** Sends JSON or a multipart answer; succeeds when all of it was written intact. */
  Future<Boolean> send(int status, String contentType, JsonOut out, FaultKind fault, Tally tally) {
    if (response.closed()) {
      return Future.succeededFuture(false);
    }
    boolean gzip = wantsGzip();
    response.setStatusCode(status).putHeader("Content-Type", contentType);
    if (gzip) {
      response.putHeader("Content-Encoding", "gzip");
    }
    Buffer body =
        gzip ? gzip(out) : Buffer.buffer(out.length()).appendBytes(out.array(), 0, out.length());
    boolean breaks =
        fault != null && fault.destroysAnswer() && status == 200 && tally.refusesNothing();
    if (breaks || fault == FaultKind.SLOW_BODY) {
      world.meter().fault(fault);
      return send(body, fault, gzip);
    }
    return whole(body);
  }

  private Future<Boolean> send(Buffer body, FaultKind fault, boolean gzip) {
    Buffer half = body.slice(0, body.length() / 2);
    switch (fault) {
      case SLOW_BODY -> {
        response.putHeader("Content-Length", Integer.toString(body.length()));
        return dribble(body, 0);
      }
      case DISCONNECT -> breakOff();
      case TRUNCATED_CHUNKS -> {
        response.setChunked(true);
        response.write(half).onComplete(written -> breakOff());
      }
      case HTML_200, HTML_502 -> {
        response.headers().remove("Content-Encoding");
        response.setStatusCode(fault == FaultKind.HTML_200 ? 200 : 502);
        response.putHeader("Content-Type", "text/html; charset=UTF-8");
        return whole(HTML).map(false);
      }
      case MALFORMED_JSON -> {
        response.headers().remove("Content-Encoding");
        response.putHeader("Content-Type", "application/json; charset=UTF-8");
        return whole(BROKEN_JSON).map(false);
      }
      default -> {
        if (fault == FaultKind.TRUNCATED_GZIP && gzip) {
          return whole(half).map(false);
        }
        response.putHeader("Content-Length", Integer.toString(body.length()));
        response.write(half).onComplete(written -> breakOff());
      }
    }
    return Future.succeededFuture(false);
  }

  private Future<Boolean> whole(Buffer body) {
    world.meter().bytesSent.add(body.length());
    return response.end(body).map(true).otherwise(false);
  }

  private Future<Boolean> dribble(Buffer body, int from) {
    int to = Math.min(body.length(), from + body.length() / SLOW_PIECES + 1);
    if (response.closed()) {
      return Future.succeededFuture(false);
    }
    if (to == body.length()) {
      world.meter().bytesSent.add(body.length());
      return response.end(body.slice(from, to)).map(true).otherwise(false);
    }
    return response
        .write(body.slice(from, to))
        .compose(written -> vertx.timer(world.clock().millis(SLOW_PAUSE), TimeUnit.MILLISECONDS))
        .compose(passed -> dribble(body, to))
        .otherwise(false);
  }

  /** Cuts the connection, or under HTTP/2 only this stream: others must not suffer unseen. */
  private void breakOff() {
    if (request.version() == HttpVersion.HTTP_2) {
      response.reset();
    } else {
      request.connection().close();
    }
  }

  private boolean wantsGzip() {
    return contains("Accept-Encoding") && contains("User-Agent");
  }

  private boolean contains(String header) {
    String value = request.getHeader(header);
    return value != null && value.toLowerCase(Locale.ROOT).contains("gzip");
  }

  private static Buffer gzip(JsonOut out) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(out.length() / 2 + 64);
    try (GZIPOutputStream gzip = new FastGzip(bytes)) {
      gzip.write(out.array(), 0, out.length());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Buffer.buffer(bytes.toByteArray());
  }

  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(ByteArrayOutputStream out) throws IOException {
      super(out, 8192);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
