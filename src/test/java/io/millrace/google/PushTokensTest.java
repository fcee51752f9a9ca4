package io.millrace.google;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.PushTokens.Verdict;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tokens are taken for Google's, with keys fetched over HTTP. */
@Timeout(30)
class PushTokensTest {
  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong nanos = new AtomicLong(1);
  private final KeyServer server = new KeyServer();
  private TokenForge google;
  private TokenForge stranger;
  private Context context;
  private PushTokens tokens;

  @BeforeEach
  void start() throws Exception {
    google = new TokenForge("key-1");
    stranger = new TokenForge("key-1");
    server.keys = TokenForge.keys(google);
    server.start(vertx);
    context = vertx.getOrCreateContext();
    tokens =
        new PushTokens(
            vertx,
            new PushSettings(
                TokenForge.AUDIENCE,
                TokenForge.ACCOUNT,
                server.uri(),
                "127.0.0.1",
                0,
                null,
                Duration.ofMinutes(15)),
            InstantSource.system(),
            nanos::get);
  }

  @AfterEach
  void stop() throws Exception {
    tokens.close();
    server.close();
    vertx.close().toCompletionStage().toCompletableFuture().get();
  }

  @Test
  void takesWhatGoogleSignedForUs() throws Exception {
    assertEquals(Verdict.GENUINE, judge(google.token(TokenForge.claims())));
    assertEquals(
        Verdict.GENUINE,
        judge(google.token(TokenForge.claims().put("iss", "accounts.google.com"))));
    assertEquals(Verdict.GENUINE, judge(google.token(aged(30))), "within the leeway");
    assertEquals(1, server.asked.get());
  }

  @Test
  void refusesWhatAnotherSigned() throws Exception {
    assertEquals(Verdict.UNAUTHENTICATED, judge(stranger.token(TokenForge.claims())));
    String good = google.token(TokenForge.claims());
    String others = google.token(TokenForge.claims().put("sub", "2"));
    String swapped =
        good.substring(0, good.lastIndexOf('.')) + others.substring(others.lastIndexOf('.'));
    assertEquals(Verdict.UNAUTHENTICATED, judge(swapped));
    assertEquals(Verdict.UNAUTHENTICATED, judge(good.substring(0, good.lastIndexOf('.') + 1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "None", "NONE", "RS256", "HS256", "", "RS512", "ES256"})
  void refusesWhatIsNotSigned(String algorithm) throws Exception {
    assertEquals(Verdict.UNAUTHENTICATED, judge(google.unsigned(TokenForge.claims(), algorithm)));
  }

  @Test
  void refusesThePublishedKeyAsASecret() throws Exception {
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(google.published())
            + "\n-----END PUBLIC KEY-----\n";
    for (byte[] secret :
        List.of(
            google.published(),
            pem.getBytes(StandardCharsets.US_ASCII),
            google.key().getString("n").getBytes(StandardCharsets.US_ASCII))) {
      assertEquals(Verdict.UNAUTHENTICATED, judge(google.confused(TokenForge.claims(), secret)));
    }
  }

  @Test
  void refusesKeysThatTheTokenBringsAlong() throws Exception {
    JsonObject header =
        new JsonObject().put("alg", "RS256").put("kid", "key-1").put("jwk", stranger.key());
    assertEquals(Verdict.UNAUTHENTICATED, judge(stranger.signed(header, TokenForge.claims())));
    header = new JsonObject().put("alg", "RS256").put("kid", "key-1").put("crit", new JsonArray());
    assertEquals(Verdict.UNAUTHENTICATED, judge(google.signed(header, TokenForge.claims())));
    header = new JsonObject().put("alg", "RS256");
    assertEquals(Verdict.UNAUTHENTICATED, judge(google.signed(header, TokenForge.claims())));
  }

  @Test
  void refusesWhatIsOutOfDate() throws Exception {
    long now = InstantSource.system().instant().getEpochSecond();
    List<JsonObject> wrong =
        List.of(
            aged(90),
            aged(100_000),
            TokenForge.claims().put("exp", "tomorrow"),
            TokenForge.claims().putNull("exp"),
            without("exp"),
            without("iat"),
            TokenForge.claims().put("iat", now + 3_000),
            TokenForge.claims().put("iss", "https://accounts.google.com.example.org"),
            without("iss"));
    for (JsonObject claims : wrong) {
      assertEquals(Verdict.UNAUTHENTICATED, judge(google.token(claims)), claims::encode);
    }
  }

  @Test
  void forbidsWhatIsForOthersOrFromOthers() throws Exception {
    List<JsonObject> wrong =
        List.of(
            TokenForge.claims().put("aud", "https://mail.example.org/push/gmail/"),
            TokenForge.claims().put("aud", new JsonArray().add(TokenForge.AUDIENCE).add("x")),
            without("aud"),
            TokenForge.claims().put("email", "somebody@project.iam.gserviceaccount.com"),
            without("email"),
            TokenForge.claims().put("email_verified", false),
            TokenForge.claims().put("email_verified", "true"),
            without("email_verified"));
    for (JsonObject claims : wrong) {
      assertEquals(Verdict.FORBIDDEN, judge(google.token(claims)), claims::encode);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "Bearer ",
        "Bearer .",
        "Bearer ..",
        "Bearer a.b.c",
        "Bearer e30.e30.",
        "Bearer bnVsbA.e30.e30",
        "Bearer W10.e30.e30",
        "Basic YTpi",
        "Bearer \u0000.\u0000.\u0000",
        "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6WzFdfQ.e30.e30"
      })
  void refusesGarbageAndAsksNobody(String header) throws Exception {
    assertEquals(Verdict.UNAUTHENTICATED, await(judging(header)));
    assertEquals(Verdict.UNAUTHENTICATED, await(judging(null)));
    assertEquals(Verdict.UNAUTHENTICATED, await(judging("Bearer " + "a".repeat(9_000))));
    assertEquals(0, server.asked.get());
  }

  @Test
  void aStormOfUnknownKeysAsksGoogleOnceAMinute() throws Exception {
    storm();
    assertEquals(1, server.asked.get());
    storm();
    assertEquals(1, server.asked.get());
    assertEquals(Verdict.GENUINE, judge(google.token(TokenForge.claims())), "in the storm");
    nanos.addAndGet(Duration.ofSeconds(61).toNanos());
    storm();
    storm();
    assertEquals(2, server.asked.get());
  }

  @Test
  void aNewKeyIsFoundAndAnOldOneForgotten() throws Exception {
    assertEquals(Verdict.GENUINE, judge(google.token(TokenForge.claims())));
    TokenForge next = new TokenForge("key-2");
    server.keys = TokenForge.keys(next);
    assertEquals(Verdict.UNAUTHENTICATED, judge(next.token(TokenForge.claims())), "too soon");
    nanos.addAndGet(Duration.ofSeconds(61).toNanos());
    assertEquals(Verdict.GENUINE, judge(next.token(TokenForge.claims())));
    assertEquals(Verdict.UNAUTHENTICATED, judge(google.token(TokenForge.claims())));
  }

  @Test
  void keysAreKeptAsLongAsGoogleSays() throws Exception {
    server.cacheControl = "public, max-age=600, must-revalidate";
    judge(google.token(TokenForge.claims()));
    nanos.addAndGet(Duration.ofSeconds(590).toNanos());
    judge(google.token(TokenForge.claims()));
    assertEquals(1, server.asked.get());
    nanos.addAndGet(Duration.ofSeconds(20).toNanos());
    judge(google.token(TokenForge.claims()));
    assertEquals(2, server.asked.get());
  }

  @Test
  void whereGoogleIsAwayNothingIsJudgedAndGoogleIsLeftAlone() throws Exception {
    server.status = 503;
    String token = google.token(TokenForge.claims());
    for (int i = 0; i < 20; i++) {
      assertThrows(Exception.class, () -> judge(token));
    }
    assertEquals(1, server.asked.get());
    server.status = 200;
    nanos.addAndGet(Duration.ofSeconds(6).toNanos());
    assertEquals(Verdict.GENUINE, judge(token));
    // Its keys are out of date, and new ones are not to be had.
    server.status = 500;
    nanos.addAndGet(Duration.ofHours(2).toNanos());
    assertThrows(Exception.class, () -> judge(token));
  }

  @Test
  void keysThatMakeNoSenseAreNone() throws Exception {
    String token = google.token(TokenForge.claims());
    for (JsonObject keys :
        List.of(
            new JsonObject(),
            new JsonObject().put("keys", new JsonArray()),
            new JsonObject().put("keys", "none"),
            new JsonObject().put("keys", new JsonArray().add(google.key().put("n", "AQAB"))),
            new JsonObject().put("keys", new JsonArray().add(google.key().put("n", "***"))),
            new JsonObject().put("keys", new JsonArray().add(google.key().put("kty", "oct"))),
            new JsonObject().put("keys", new JsonArray().add("x".repeat(100_000))))) {
      server.keys = keys;
      nanos.addAndGet(Duration.ofSeconds(6).toNanos());
      int before = server.asked.get();
      assertThrows(Exception.class, () -> judge(token), keys::encode);
      assertEquals(before + 1, server.asked.get());
    }
    assertTrue(server.asked.get() > 0);
  }

  private void storm() throws Exception {
    List<Future<Verdict>> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      JsonObject header = new JsonObject().put("alg", "RS256").put("kid", "unknown-" + i);
      all.add(judging("Bearer " + stranger.signed(header, TokenForge.claims())));
    }
    for (Future<Verdict> verdict : all) {
      assertEquals(Verdict.UNAUTHENTICATED, await(verdict));
    }
  }

  private static JsonObject without(String claim) {
    JsonObject claims = TokenForge.claims();
    claims.remove(claim);
    return claims;
  }

  /** Expired so many seconds ago. */
  private static JsonObject aged(long seconds) {
    long now = InstantSource.system().instant().getEpochSecond();
    return TokenForge.claims().put("iat", now - seconds - 3_600).put("exp", now - seconds);
  }

  private Verdict judge(String token) throws Exception {
    return await(judging("Bearer " + token));
  }

  private Future<Verdict> judging(String header) {
    Promise<Verdict> promise = Promise.promise();
    context.runOnContext(v -> tokens.judge(header).onComplete(promise));
    return promise.future();
  }

  private static <T> T await(Future<T> future) throws Exception {
    try {
      return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
