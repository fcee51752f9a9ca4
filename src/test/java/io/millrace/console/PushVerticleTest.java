package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.console.PushCounts.Fate;
import io.millrace.google.KeyServer;
import io.millrace.google.MailboxNotice;
import io.millrace.google.PushSettings;
import io.millrace.google.TokenForge;
import io.millrace.store.Notices;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The one address that strangers can reach. */
@Timeout(60)
class PushVerticleTest {
  private final Vertx vertx = Vertx.vertx();
  private final Queue<MailboxNotice> taken = new ConcurrentLinkedQueue<>();
  private final KeyServer keys = new KeyServer();
  private volatile Future<Notices.Kind> answer = Future.succeededFuture(Notices.Kind.NEW);
  private TokenForge google;
  private HttpClient client;
  private PushVerticle push;

  @BeforeEach
  void start() throws Exception {
    google = new TokenForge("key-1");
    keys.keys = TokenForge.keys(google);
    keys.start(vertx);
    client =
        vertx.createHttpClient(new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(200));
    push =
        new PushVerticle(
            new PushSettings(
                TokenForge.AUDIENCE,
                TokenForge.ACCOUNT,
                keys.uri(),
                "127.0.0.1",
                0,
                null,
                Duration.ofMinutes(15)),
            notice -> {
              taken.add(notice);
              return answer;
            });
    await(vertx.deployVerticle(push));
  }

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  @Test
  void acknowledgesWhatWasTaken() throws Exception {
    assertEquals(204, push(good(), envelope("ann@example.org", 17)));
    assertEquals(204, push(good(), envelope("ann@example.org", 17)), "a replay");
    assertEquals(2, taken.size());
    assertEquals(new MailboxNotice("ann@example.org", "17"), taken.peek());
    assertEquals(2, push.counts().get(Fate.TAKEN));
  }

  @Test
  void letsNobodyElseIn() throws Exception {
    Buffer body = envelope("ann@example.org", 17);
    TokenForge stranger = new TokenForge("key-1");
    JsonObject claims = TokenForge.claims();
    assertEquals(401, push(null, body));
    assertEquals(401, push("", body));
    assertEquals(401, push("Basic YTpi", body));
    assertEquals(401, push("Bearer x.y.z", body));
    assertEquals(401, push("Bearer " + stranger.token(claims), body));
    assertEquals(401, push("Bearer " + google.unsigned(claims, "none"), body));
    assertEquals(401, push("Bearer " + google.confused(claims, google.published()), body));
    assertEquals(401, push("Bearer " + google.token(claims.copy().put("exp", 1)), body));
    assertEquals(403, push("Bearer " + google.token(claims.copy().put("aud", "x")), body));
    assertEquals(403, push("Bearer " + google.token(claims.copy().put("email", "x@y.z")), body));
    assertEquals(0, taken.size());
    assertEquals(8, push.counts().get(Fate.UNAUTHENTICATED));
    assertEquals(2, push.counts().get(Fate.FORBIDDEN));
  }

  @Test
  void acknowledgesWhatMakesNoSenseOrItWouldComeForEver() throws Exception {
    for (String body : List.of("", "{", "[]", "{\"message\":{}}", "\u0000\u0001", "<html>")) {
      assertEquals(204, push(good(), Buffer.buffer(body)), body);
    }
    assertEquals(204, push(good(), Buffer.buffer(new byte[70_000])));
    assertEquals(204, push(good(), Buffer.buffer(new byte[5_000_000])));
    assertEquals(0, taken.size());
    assertEquals(8, push.counts().get(Fate.MALFORMED));
    assertEquals(401, push(null, Buffer.buffer(new byte[5_000_000])));
    assertEquals(204, push(good(), envelope("ann@example.org", 17)), "still serves");
  }

  @Test
  void hasItComeAgainWhereItCannotBeTakenNow() throws Exception {
    answer = Future.failedFuture("the database is away");
    assertEquals(503, push(good(), envelope("ann@example.org", 17)));
    keys.status = 500;
    keys.keys = new JsonObject();
    PushVerticle other =
        new PushVerticle(
            new PushSettings(
                TokenForge.AUDIENCE,
                TokenForge.ACCOUNT,
                keys.uri(),
                "127.0.0.1",
                0,
                null,
                Duration.ofMinutes(15)),
            notice -> answer);
    await(vertx.deployVerticle(other));
    assertEquals(
        503, send(other.port(), HttpMethod.POST, PushVerticle.PATH, good(), Buffer.buffer()));
    assertEquals(1, other.counts().get(Fate.PUT_OFF));
  }

  @Test
  void takesSoManyAtOnceAndNoMore() throws Exception {
    Promise<Notices.Kind> later = Promise.promise();
    answer = later.future();
    push(good(), Buffer.buffer());
    List<Future<Integer>> all = new ArrayList<>();
    String token = good();
    for (int i = 0; i < 150; i++) {
      all.add(
          sending(
              push.port(),
              HttpMethod.POST,
              PushVerticle.PATH,
              token,
              envelope("a@b.c", 1_000 + i)));
    }
    long end = System.nanoTime() + 20_000_000_000L;
    while (all.stream().filter(Future::isComplete).count() < 150 - 64) {
      assertTrue(System.nanoTime() < end, "those beyond the limit are not answered");
      await(vertx.timer(5, TimeUnit.MILLISECONDS));
    }
    assertEquals(64, taken.size());
    later.complete(Notices.Kind.NEW);
    int acknowledged = 0;
    for (Future<Integer> one : all) {
      acknowledged += await(one) == 204 ? 1 : 0;
    }
    assertEquals(64, acknowledged);
    assertEquals(204, push(good(), envelope("a@b.c", 2)));
  }

  @Test
  void servesOneAddress() throws Exception {
    assertEquals(404, send(push.port(), HttpMethod.POST, "/", good(), Buffer.buffer()));
    assertEquals(
        404, send(push.port(), HttpMethod.GET, "/api/v1/mailboxes", null, Buffer.buffer()));
    assertEquals(
        405, send(push.port(), HttpMethod.GET, PushVerticle.PATH, good(), Buffer.buffer()));
  }

  private String good() throws Exception {
    return "Bearer " + google.token(TokenForge.claims());
  }

  private static Buffer envelope(String email, long historyId) {
    byte[] data =
        new JsonObject()
            .put("emailAddress", email)
            .put("historyId", historyId)
            .encode()
            .getBytes(StandardCharsets.UTF_8);
    return new JsonObject().put("message", new JsonObject().put("data", data)).toBuffer();
  }

  private int push(String authorization, Buffer body) throws Exception {
    return send(push.port(), HttpMethod.POST, PushVerticle.PATH, authorization, body);
  }

  private int send(int port, HttpMethod method, String path, String authorization, Buffer body)
      throws Exception {
    return await(sending(port, method, path, authorization, body));
  }

  private Future<Integer> sending(
      int port, HttpMethod method, String path, String authorization, Buffer body) {
    return client
        .request(method, port, "127.0.0.1", path)
        .compose(
            request -> {
              if (authorization != null) {
                request.putHeader("Authorization", authorization);
              }
              return request.send(body);
            })
        .map(HttpClientResponse::statusCode);
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
