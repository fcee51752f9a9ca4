package io.millrace.google;

import static io.millrace.google.Peer.USER;
import static io.millrace.google.Peer.await;
import static io.millrace.google.Peer.failure;
import static io.millrace.google.Peer.reply;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.GoogleFailure.DeadGrant;
import io.millrace.google.GoogleFailure.Denied;
import io.millrace.google.GoogleFailure.Malformed;
import io.millrace.google.GoogleFailure.Misconfigured;
import io.millrace.google.GoogleFailure.Unavailable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class AccessTokensTest {
  private Peer peer;
  private AccessTokens tokens;

  @BeforeEach
  void start(Vertx vertx) {
    peer = Peer.with(vertx);
    tokens = peer.accessTokens;
  }

  @AfterEach
  void stop() {
    peer.close();
  }

  @Test
  void aHundredAskersGetOneToken() {
    List<Future<String>> asked = IntStream.range(0, 100).mapToObj(i -> tokens.token(USER)).toList();
    asked.forEach(token -> assertEquals("t1", await(token)));
    assertEquals("t1", await(tokens.token(USER)));
    assertEquals(1, peer.tokens.get());
  }

  @Test
  void onlyTheRejectedTokenIsDropped() {
    assertEquals("t1", await(tokens.token(USER)));
    tokens.reject(USER, "t0");
    assertEquals("t1", await(tokens.token(USER)));
    tokens.reject(USER, "t1");
    assertEquals("t2", await(tokens.token(USER)));
    tokens.reject(USER, "t1");
    assertEquals("t2", await(tokens.token(USER)));
  }

  @Test
  void aHundredAskersOnManyThreadsGetOneTokenAlsoWhenItWasRejected() {
    assertEquals("t1", await(tokens.token(USER)));
    tokens.reject(USER, "t1");
    List<Future<String>> asked =
        IntStream.range(0, 100).parallel().mapToObj(i -> tokens.token(USER)).toList();
    asked.forEach(token -> assertEquals("t2", await(token)));
    assertEquals(2, peer.tokens.get());
  }

  @Test
  void theNextTokenIsFetchedAheadOfTheEndAndNobodyWaitsForIt() throws Exception {
    assertEquals("t1", await(tokens.token(USER)));
    peer.now = Peer.NOW.plus(Duration.ofMinutes(57));
    assertEquals("t1", await(tokens.token(USER)));
    assertEquals(1, peer.tokens.get());
    peer.now = Peer.NOW.plus(Duration.ofMinutes(58));
    Promise<Void> hold = Promise.promise();
    BiConsumer<HttpServerRequest, Buffer> usual = peer.tokenEndpoint;
    peer.tokenEndpoint = (r, b) -> hold.future().onSuccess(v -> usual.accept(r, b));
    for (int i = 0; i < 100; i++) {
      assertEquals("t1", await(tokens.token(USER)));
    }
    hold.complete();
    until(() -> "t2".equals(await(tokens.token(USER))));
    assertEquals(2, peer.tokens.get());
  }

  @Test
  void aRenewalAheadThatFailsIsNotNoticedUntilTheTokenEnds() throws Exception {
    assertEquals("t1", await(tokens.token(USER)));
    AtomicInteger failed = new AtomicInteger();
    peer.tokenEndpoint =
        (r, b) -> {
          failed.incrementAndGet();
          reply(r, 503, "later");
        };
    peer.now = Peer.NOW.plus(Duration.ofMinutes(58));
    for (int i = 0; i < 20; i++) {
      assertEquals("t1", await(tokens.token(USER)));
    }
    until(() -> failed.get() == 1);
    peer.now = Peer.NOW.plus(Duration.ofMinutes(59));
    assertInstanceOf(Unavailable.class, failure(tokens.token(USER)));
  }

  @Test
  void aSuccessorThatIsRejectedAsWellIsReplacedOnlyAfterARest() {
    assertEquals("t1", await(tokens.token(USER)));
    tokens.reject(USER, "t1");
    assertEquals("t2", await(tokens.token(USER)));
    tokens.reject(USER, "t2");
    long from = System.nanoTime();
    assertEquals("t3", await(tokens.token(USER)));
    assertTrue(System.nanoTime() - from > Duration.ofMillis(1_900).toNanos());
    tokens.accept(USER, "t3");
    tokens.reject(USER, "t3");
    assertEquals("t4", await(tokens.token(USER)));
    assertTrue(System.nanoTime() - from < Duration.ofMillis(3_900).toNanos(), "no rest");
  }

  @Test
  void aGrantThatHasEndedSaysWhyAndIsNeitherTriedNorReportedAgain() {
    peer.grantOf = user -> new Grant.Ended("it was revoked.");
    assertEquals(
        "The mailbox has to be connected again: it was revoked.",
        failure(tokens.token(USER)).sentence());
    assertEquals(0, peer.tokens.get());
    assertTrue(peer.dead.isEmpty());
  }

  @Test
  void aDelegatedMailboxWithoutAServiceAccountIsTheOperatorsMatter() {
    peer.grantOf = user -> new Grant.Delegated("ann@example.org");
    GoogleFailure failure = failure(tokens.token(USER));
    assertInstanceOf(Misconfigured.class, failure);
    assertTrue(failure.sentence().contains("google.serviceAccountFile"), failure.sentence());
    assertTrue(peer.dead.isEmpty());
  }

  /** Waits, within a bound, for what another event loop does. */
  private void until(BooleanSupplier holds) {
    long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "it did not happen");
      await(peer.vertx.timer(2, TimeUnit.MILLISECONDS));
    }
  }

  @Test
  void aDeadGrantIsReported() {
    peer.tokenEndpoint =
        (r, body) ->
            reply(
                r,
                400,
                "{\"error\":\"invalid_grant\",\"error_description\":\"Token has been expired.\"}");
    assertInstanceOf(DeadGrant.class, failure(tokens.token(USER)));
    assertEquals(List.of("7 the grant has expired or was revoked."), peer.dead);
  }

  @Test
  void aUserWithoutAGrantIsNotAskedFor() {
    assertInstanceOf(DeadGrant.class, failure(tokens.token(404)));
    assertEquals(0, peer.tokens.get());
    assertTrue(peer.dead.isEmpty());
  }

  @Test
  void otherFailuresTellWhoHasToActAndAreNotCached() {
    peer.tokenEndpoint = (r, body) -> reply(r, 401, "{\"error\":\"invalid_client\"}");
    assertInstanceOf(Misconfigured.class, failure(tokens.token(USER)));
    peer.tokenEndpoint = (r, body) -> reply(r, 400, "{\"error\":\"invalid_request\"}");
    assertInstanceOf(Denied.class, failure(tokens.token(USER)));
    peer.tokenEndpoint = (r, body) -> reply(r, 503, "<html>later</html>");
    assertInstanceOf(Unavailable.class, failure(tokens.token(USER)));
    peer.tokenEndpoint = (r, body) -> reply(r, 429, "{}");
    assertInstanceOf(Unavailable.class, failure(tokens.token(USER)));
    peer.tokenEndpoint = (r, body) -> reply(r, 200, "<html>sign in</html>");
    assertInstanceOf(Malformed.class, failure(tokens.token(USER)));
    peer.tokenEndpoint = (r, body) -> reply(r, 200, "{\"access_token\":\"a\\r\\nb\"}");
    assertInstanceOf(Malformed.class, failure(tokens.token(USER)));
    peer.tokenEndpoint = (r, body) -> r.connection().close();
    assertInstanceOf(Unavailable.class, failure(tokens.token(USER)));
    assertTrue(peer.dead.isEmpty());
  }

  @Test
  void theFormCarriesTheGrantAndTheUrlDoesNot() {
    peer.tokenEndpoint =
        (r, body) -> {
          assertFalse(r.uri().contains("refresh"));
          reply(r, 200, "{\"access_token\":\"" + body.toString().replaceAll("[^a-z]", "") + "\"}");
        };
    assertEquals(
        "granttyperefreshtokenrefreshtokenrefreshclientididclientsecretsecret",
        await(tokens.token(USER)));
  }

  @Test
  void aTokenIsUsedUntilAMinuteOrATenthOfItsLifeBeforeItsEnd() {
    assertEquals(Duration.ofMinutes(59), AccessTokens.usable(Duration.ofHours(1)));
    assertEquals(Duration.ofSeconds(90), AccessTokens.usable(Duration.ofSeconds(100)));
    assertEquals(Duration.ZERO, AccessTokens.usable(Duration.ZERO));
  }
}
