package io.millrace.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.Alerts;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AlertWebhookTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

  private record Got(String delivery, String signature, String body) {}

  private final Vertx vertx = Vertx.vertx();
  private final BlockingQueue<Got> got = new LinkedBlockingQueue<>();
  private final AtomicInteger calls = new AtomicInteger();

  @AfterEach
  void close() throws Exception {
    ConsoleTestKit.await(vertx.close());
  }

  private AlertWebhook to(IntUnaryOperator status, int attempts) throws Exception {
    HttpServer server =
        ConsoleTestKit.await(
            vertx
                .createHttpServer()
                .requestHandler(
                    r ->
                        r.body()
                            .onSuccess(
                                body -> {
                                  got.add(
                                      new Got(
                                          r.getHeader("X-Millrace-Delivery"),
                                          r.getHeader("X-Millrace-Signature"),
                                          body.toString()));
                                  int answer = status.applyAsInt(calls.incrementAndGet());
                                  if (answer > 0) {
                                    r.response().setStatusCode(answer).end("thanks");
                                  }
                                }))
                .listen(0, "127.0.0.1"));
    return new AlertWebhook(
        vertx,
        new AlertSettings.Webhook(
            URI.create("http://127.0.0.1:" + server.actualPort() + "/hook"),
            "s3cret",
            Duration.ofMillis(500),
            attempts),
        5,
        InstantSource.fixed(AT));
  }

  private void send(AlertWebhook webhook, Context context, long id) {
    Alerts.Event event =
        new Alerts.Event(
            id, AT, new Alerts.Key("queueDepth", "embed"), "warn", "ok", 101.0, 100, "many");
    context.runOnContext(v -> webhook.send(new AlertTold(event, "docs/runbooks/queue-depth.md")));
  }

  @Test
  void whatIsSentIsSigned() throws Exception {
    AlertWebhook webhook = to(n -> 204, 3);
    send(webhook, vertx.getOrCreateContext(), 7);
    Got first = next();
    String seconds = Long.toString(AT.getEpochSecond());
    assertEquals(
        "t="
            + seconds
            + ",v1="
            + AlertWebhook.signature("s3cret", seconds, first.body.getBytes(UTF_8)),
        first.signature);
    JsonObject json = new JsonObject(first.body);
    assertEquals("queueDepth", json.getString("source"));
    assertEquals("docs/runbooks/queue-depth.md", json.getString("runbook"));
    assertEquals("7", first.delivery);
  }

  @Test
  void theSignatureIsHmacSha256() {
    // RFC 4231 has no case with a dot; this one was made with openssl.
    assertEquals(
        "9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae",
        AlertWebhook.signature("key", "1700000000", "{}".getBytes(UTF_8)));
  }

  @Test
  void failuresAreTriedAgainInOrder() throws Exception {
    AlertWebhook webhook = to(n -> n == 1 ? 500 : n == 2 ? 429 : n == 3 ? 0 : 200, 8);
    Context context = vertx.getOrCreateContext();
    send(webhook, context, 1);
    send(webhook, context, 2);
    for (int i = 0; i < 4; i++) {
      assertEquals("1", next().delivery);
    }
    assertEquals("2", next().delivery);
  }

  @Test
  void whatIsRefusedIsNotTriedAgain() throws Exception {
    AlertWebhook webhook = to(n -> 400, 8);
    Context context = vertx.getOrCreateContext();
    send(webhook, context, 1);
    send(webhook, context, 2);
    assertEquals("1", next().delivery);
    assertEquals("2", next().delivery);
  }

  @Test
  void afterSoManyTriesItIsGivenUp() throws Exception {
    AlertWebhook webhook = to(n -> 503, 3);
    Context context = vertx.getOrCreateContext();
    send(webhook, context, 1);
    send(webhook, context, 2);
    for (int i = 0; i < 3; i++) {
      assertEquals("1", next().delivery);
    }
    assertEquals("2", next().delivery);
  }

  private Got next() throws InterruptedException {
    Got one = got.poll(10, TimeUnit.SECONDS);
    assertTrue(one != null, "nothing came");
    return one;
  }
}
