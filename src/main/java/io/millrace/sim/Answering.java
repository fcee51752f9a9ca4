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

  /** Sends JSON or a multipart answer; completes when it is out or has been broken off. */
  Future<Void> send(int status, String contentType, JsonOut out, FaultKind fault, Tally tally) {
    if (response.closed()) {
      return Future.succeededFuture();
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
    if (breaks) {
      world.meter().fault(fault);
      return spoil(body, fault, gzip);
    }
    if (fault == FaultKind.SLOW_BODY) {
      world.meter().fault(fault);
      response.putHeader("Content-Length", Integer.toString(body.length()));
      return dribble(body, 0, tally);
    }
    return last(body, tally);
  }

  private Future<Void> spoil(Buffer body, FaultKind fault, boolean gzip) {
    Buffer half = body.slice(0, body.length() / 2);
    switch (fault) {
      case DISCONNECT -> breakOff();
      case TRUNCATED_CHUNKS -> {
        response.setChunked(true);
        return response.write(half).eventually(this::breakOff);
      }
      case HTML_200, HTML_502 -> {
        response.headers().remove("Content-Encoding");
        response.setStatusCode(fault == FaultKind.HTML_200 ? 200 : 502);
        response.putHeader("Content-Type", "text/html; charset=UTF-8");
        return response.end(HTML);
      }
      case MALFORMED_JSON -> {
        response.headers().remove("Content-Encoding");
        response.putHeader("Content-Type", "application/json; charset=UTF-8");
        return response.end(BROKEN_JSON);
      }
      default -> {
        if (fault == FaultKind.TRUNCATED_GZIP && gzip) {
          return response.end(half);
        }
        response.putHeader("Content-Length", Integer.toString(body.length()));
        return response.write(half).eventually(this::breakOff);
      }
    }
    return Future.succeededFuture();
  }

  /** Hands over the last of the bytes; what the answer tells is counted with it. */
  private Future<Void> last(Buffer bytes, Tally tally) {
    tally.commit(world.meter());
    world.meter().bytesSent.add(bytes.length());
    return response.end(bytes).onFailure(gone -> tally.undo(world.meter()));
  }

  private Future<Void> dribble(Buffer body, int from, Tally tally) {
    int to = Math.min(body.length(), from + body.length() / SLOW_PIECES + 1);
    if (response.closed()) {
      return Future.succeededFuture();
    }
    if (to == body.length()) {
      return last(body.slice(from, to), tally);
    }
    world.meter().bytesSent.add(to - from);
    long pause = world.clock().millis(SLOW_PAUSE);
    return response
        .write(body.slice(from, to))
        .compose(written -> vertx.timer(pause, TimeUnit.MILLISECONDS))
        .compose(passed -> dribble(body, to, tally));
  }

  /** Cuts the connection, or under HTTP/2 only this stream: others must not suffer unseen. */
  private Future<Void> breakOff() {
    if (request.version() == HttpVersion.HTTP_2) {
      return response.reset();
    }
    return request.connection().close();
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
