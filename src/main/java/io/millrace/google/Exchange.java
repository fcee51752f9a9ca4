package io.millrace.google;

import io.millrace.google.GoogleFailure.TooLarge;
import io.millrace.google.GoogleFailure.Unavailable;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * One request and its answer, read as it comes over the wire: charged to the byte budget, paused
 * while that is full, cut off when it is too long, broken off when it stands still.
 *
 * <p>Runs on the context that it was made on. Its future fails with {@link GoogleException} only,
 * and then nothing stays charged.
 */
final class Exchange {
  /** HTTP/2's CANCEL. */
  private static final long CANCEL = 8;

  private static final int FIRST_ROOM = 256 * 1024;

  /**
   * @param body as it came, perhaps compressed; as many bytes are charged to the budget
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Answer(int status, MultiMap headers, byte[] body) {
    String header(String name) {
      return headers.get(name);
    }

    /** What it says about the service: 501 is a refusal like any other. */
    Breaker.Verdict verdict() {
      return status >= 500 && status != 501 ? Breaker.Verdict.ILL : Breaker.Verdict.WELL;
    }
  }

  /**
   * @param timeout to the first byte, and for each standstill after it
   * @param limit the most bytes of body
   * @param received told each number of bytes that arrives
   */
  record Bounds(Duration timeout, long limit, LongConsumer received) {}

  private final Vertx vertx;
  private final Context context;
  private final HttpClientRequest request;
  private final Bounds bounds;
  private final Arrivals arrivals;
  private final LongConsumer answered;
  private final Promise<Answer> promise = Promise.promise();
  private final long timeoutNanos;

  private HttpClientResponse response;
  private byte[] bytes = new byte[2048];
  private int length;
  private volatile boolean paused;
  private boolean waiting;
  private boolean done;
  private long lastNanos;
  private long timer;

  /**
   * @param answered told how many nanoseconds passed from writing it to the answer's first byte
   */
  Exchange(
      Vertx vertx,
      HttpClientRequest request,
      Bounds bounds,
      Arrivals arrivals,
      LongConsumer answered) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.request = request;
    this.bounds = bounds;
    this.arrivals = arrivals;
    this.answered = answered;
    this.timeoutNanos = Math.max(1_000_000, bounds.timeout().toNanos());
  }

  /** Writes the request in this very turn of the event loop. */
  Future<Answer> send(Buffer body) {
    lastNanos = System.nanoTime();
    request.exceptionHandler(this::broken);
    Future<HttpClientResponse> answer = body == null ? request.send() : request.send(body);
    arm(timeoutNanos);
    answer.onComplete(this::begin, this::broken);
    return promise.future();
  }

  /** Called from any thread: looks again whether to pause. */
  void wake() {
    if (paused) {
      context.runOnContext(v -> resume());
    }
  }

  private void begin(HttpClientResponse r) {
    r.exceptionHandler(this::broken);
    if (done) {
      return;
    }
    response = r;
    answered.accept(System.nanoTime() - lastNanos);
    lastNanos = System.nanoTime();
    long announced = announced(r);
    if (announced > bounds.limit()) {
      fail(new TooLarge(bounds.limit()));
      return;
    }
    if (announced > 0) {
      // Room for more is made as it comes: what is only announced is not charged.
      bytes = new byte[(int) Math.min(announced, FIRST_ROOM)];
    }
    arrivals.add(this);
    r.handler(this::chunk).endHandler(v -> end());
  }

  private static long announced(HttpClientResponse r) {
    String text = r.getHeader("content-length");
    Long length = text == null ? null : Json.clamped(text.strip(), 0, Long.MAX_VALUE);
    return length == null ? -1 : length;
  }

  private void chunk(Buffer chunk) {
    if (done) {
      return;
    }
    int n = chunk.length();
    bounds.received().accept(n);
    lastNanos = System.nanoTime();
    if ((long) length + n > bounds.limit()) {
      fail(new TooLarge(bounds.limit()));
      return;
    }
    arrivals.arrived(n);
    if (length + n > bytes.length) {
      long doubled = Math.min(2L * bytes.length, bounds.limit());
      bytes = Arrays.copyOf(bytes, (int) Math.max(doubled, (long) length + n));
    }
    chunk.getBytes(bytes, length);
    length += n;
    if (!paused && arrivals.mustPause(this)) {
      paused = true;
      response.pause();
      // Looks again: the room may have come just before it was known that this one waits.
      resume();
    }
  }

  private void waitForRoom() {
    if (!waiting) {
      waiting = true;
      arrivals
          .budget()
          .whenFree(
              () -> {
                waiting = false;
                resume();
              });
    }
  }

  private void resume() {
    if (done || !paused) {
      return;
    }
    if (arrivals.mustPause(this)) {
      waitForRoom();
      return;
    }
    paused = false;
    lastNanos = System.nanoTime();
    response.resume();
  }

  private void end() {
    if (finish()) {
      byte[] body = length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
      promise.complete(new Answer(response.statusCode(), response.headers(), body));
    }
  }

  private void broken(Throwable cause) {
    fail(new Unavailable("the connection broke (" + cause.getClass().getSimpleName() + ")."));
  }

  private void fail(GoogleFailure failure) {
    if (finish()) {
      arrivals.release(length);
      promise.fail(new GoogleException(failure));
      request.reset(CANCEL);
    }
  }

  private boolean finish() {
    if (done) {
      return false;
    }
    done = true;
    vertx.cancelTimer(timer);
    if (response != null) {
      arrivals.remove(this, length);
    }
    return true;
  }

  /** One timer that looks when something last arrived, instead of a new one for each chunk. */
  private void arm(long nanos) {
    timer = vertx.setTimer(Math.max(1, nanos / 1_000_000), id -> look());
  }

  private void look() {
    if (done) {
      return;
    }
    // Whatever may have been missed, a paused answer looks again now and then.
    resume();
    long idle = paused ? 0 : System.nanoTime() - lastNanos;
    if (idle >= timeoutNanos) {
      fail(new Unavailable("nothing came for " + bounds.timeout().toMillis() + " ms."));
    } else {
      arm(timeoutNanos - idle);
    }
  }
}
