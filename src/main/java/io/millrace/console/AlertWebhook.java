package io.millrace.console;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends alerts elsewhere, one after the other in their order, each tried several times with growing
 * pauses. What is sent is signed: {@code X-Millrace-Signature: t=<seconds>,v1=<hex>}, where the hex
 * digits are HMAC-SHA256 of the seconds, a dot and the body. {@code X-Millrace-Delivery} is the
 * same for all tries of one alert. Owned by one context.
 */
final class AlertWebhook {
  private static final Logger log = LoggerFactory.getLogger(AlertWebhook.class);
  private static final int MOST_WAITING = 100;
  private static final long LONGEST_PAUSE_MS = 60_000;

  private final Vertx vertx;
  private final AlertSettings.Webhook settings;
  private final long firstPauseMs;
  private final InstantSource clock;
  private final HttpClient http;
  private final Deque<AlertTold> waiting = new ArrayDeque<>();
  private boolean sending;
  private boolean closed;
  private long dropped;

  /**
   * @param firstPauseMs before the second try; each further one is twice as long
   */
  AlertWebhook(
      Vertx vertx, AlertSettings.Webhook settings, long firstPauseMs, InstantSource clock) {
    this.vertx = vertx;
    this.settings = settings;
    this.firstPauseMs = firstPauseMs;
    this.clock = clock;
    this.http =
        vertx.createHttpClient(
            new HttpClientOptions().setConnectTimeout((int) settings.timeout().toMillis()),
            new PoolOptions().setHttp1MaxSize(1));
  }

  /** Takes an alert to be sent; if too many wait, the oldest is dropped. */
  void send(AlertTold told) {
    if (waiting.size() >= MOST_WAITING) {
      waiting.removeFirst();
      dropped++;
      log.warn("the webhook takes no alerts; {} were dropped so far", dropped);
    }
    waiting.addLast(told);
    next();
  }

  private void next() {
    if (!sending && !closed && !waiting.isEmpty()) {
      sending = true;
      attempt(waiting.removeFirst(), 1);
    }
  }

  private void attempt(AlertTold told, int number) {
    post(told)
        .onComplete(
            done -> {
              int status = done.succeeded() ? done.result() : 0;
              if (status / 100 == 2) {
                after();
              } else if (closed || number >= settings.attempts() || refused(status)) {
                log.error(
                    "alert {} could not be sent after {} tries: {}",
                    told.event().id(),
                    number,
                    status == 0 ? "no answer" : "status " + status);
                after();
              } else {
                long pause = Math.min(LONGEST_PAUSE_MS, firstPauseMs << Math.min(number - 1, 16));
                vertx.setTimer(Math.max(1, pause), id -> attempt(told, number + 1));
              }
            });
  }

  /** Whether trying again is of no use. */
  private static boolean refused(int status) {
    return status / 100 == 4 && status != 408 && status != 425 && status != 429;
  }

  private void after() {
    sending = false;
    next();
  }

  private Future<Integer> post(AlertTold told) {
    Buffer body = told.json().toBuffer();
    String seconds = Long.toString(clock.instant().getEpochSecond());
    RequestOptions to =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setAbsoluteURI(settings.url().toString())
            .setFollowRedirects(false)
            .setTimeout(settings.timeout().toMillis())
            .putHeader("Content-Type", "application/json")
            .putHeader("User-Agent", "millrace")
            .putHeader("X-Millrace-Delivery", Long.toString(told.event().id()))
            .putHeader(
                "X-Millrace-Signature",
                "t=" + seconds + ",v1=" + signature(settings.secret(), seconds, body.getBytes()));
    return http.request(to)
        .compose(
            request ->
                request
                    .send(body)
                    .compose(AlertWebhook::status)
                    .timeout(settings.timeout().toMillis(), TimeUnit.MILLISECONDS)
                    .onFailure(e -> request.reset()));
  }

  /** Its body is of no interest; so that the connection can be used again it is read. */
  private static Future<Integer> status(HttpClientResponse response) {
    response.handler(chunk -> {});
    return response.end().map(response.statusCode());
  }

  /** HMAC-SHA256 of the seconds, a dot and the body, in hexadecimal digits. */
  static String signature(String secret, String seconds, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      mac.update((seconds + ".").getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no HMAC-SHA256", e);
    }
  }

  Future<Void> close() {
    closed = true;
    waiting.clear();
    return http.close();
  }
}
