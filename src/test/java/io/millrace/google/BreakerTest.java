package io.millrace.google;

import static io.millrace.google.Peer.USER;
import static io.millrace.google.Peer.await;
import static io.millrace.google.Peer.error;
import static io.millrace.google.Peer.failure;
import static io.millrace.google.Peer.reply;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.Breaker.Verdict;
import io.millrace.google.GoogleFailure.NotFound;
import io.millrace.google.GoogleFailure.Unavailable;
import io.millrace.limit.BreakerSettings;
import io.millrace.limit.BreakerWait;
import io.millrace.limit.QuotaWait;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(60)
@ExtendWith(VertxExtension.class)
class BreakerTest {
  private static final BreakerSettings SETTINGS =
      new BreakerSettings(
          0.5, 10, Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofMillis(50));
  private final GoogleException down = new GoogleException(new Unavailable("down"));

  private final AtomicInteger made = new AtomicInteger();
  private Vertx vertx;
  private Breaker breaker;

  @BeforeEach
  void start(Vertx given) {
    vertx = given;
    breaker = breaker(true);
  }

  private Breaker breaker(boolean bounded) {
    return new Breaker(
        vertx, "the peer", SETTINGS, bounded, InstantSource.system(), System::nanoTime);
  }

  private static Verdict verdict(Future<?> done) {
    return done.succeeded() ? Verdict.WELL : Breaker.verdict(done.cause());
  }

  private <T> Future<T> call(Future<T> result) {
    return breaker.call(
        () -> {
          made.incrementAndGet();
          return result;
        },
        BreakerTest::verdict);
  }

  private void fails(Throwable cause, int times) {
    for (int i = 0; i < times; i++) {
      assertEquals(
          cause, assertThrows(cause.getClass(), () -> await(call(Future.failedFuture(cause)))));
    }
  }

  private void opens() {
    fails(down, 10);
    assertThrows(BreakerWait.class, () -> await(call(Future.succeededFuture(1))));
    assertEquals(10, made.getAndSet(0));
  }

  /** Asks until one call goes through, as probe; answers what is to come of it. */
  private Promise<Integer> probe() {
    while (true) {
      Promise<Integer> result = Promise.promise();
      Future<Integer> called = call(result.future());
      while (made.get() == 0 && !called.isComplete()) {
        Thread.onSpinWait();
      }
      if (made.get() == 1) {
        return result;
      }
      assertInstanceOf(BreakerWait.class, called.cause());
    }
  }

  @Test
  void whoeverWatchesIsToldOfTheOpeningAndOfTheEnd() {
    List<Instant> told = new CopyOnWriteArrayList<>();
    breaker.tell(until -> told.add(until == null ? Instant.MAX : until));
    opens();
    assertEquals(1, told.size());
    assertTrue(told.get(0).isAfter(Instant.now().minusSeconds(5)));
    probe().complete(1);
    while (told.size() < 2) {
      Thread.onSpinWait();
    }
    assertEquals(Instant.MAX, told.get(1));
  }

  @Test
  void oneFailureOfTwoIsEnoughAfterTenCalls() {
    for (int i = 0; i < 5; i++) {
      assertEquals(1, await(call(Future.succeededFuture(1))));
      fails(down, 1);
    }
    BreakerWait wait =
        assertThrows(BreakerWait.class, () -> await(call(Future.succeededFuture(1))));
    assertEquals(10, made.get());
    assertEquals("breaker", wait.word());
    assertEquals("the peer failed too often and is left alone for a while", wait.getMessage());
    assertTrue(wait.until().isAfter(Instant.now()));
  }

  @Test
  void fewerFailuresOrFewerCallsLeaveItClosed() {
    fails(down, 9);
    for (int i = 0; i < 90; i++) {
      assertEquals(1, await(call(Future.succeededFuture(1))));
    }
    fails(down, 80);
    assertEquals(1, await(call(Future.succeededFuture(1))));
  }

  @Test
  void refusalsWaitsAndMishapsOfOurOwnAreNoFailures() {
    fails(new GoogleException(new NotFound()), 50);
    fails(new GoogleException(new GoogleFailure.QuotaExceeded(false, null)), 50);
    fails(new QuotaWait(Instant.now(), "quota"), 50);
    fails(new IllegalStateException("ours"), 50);
    assertEquals(1, await(call(Future.succeededFuture(1))));
  }

  /** T13: repeated failures open the breaker; half-open lets exactly one probe through. */
  @Test
  void exactlyOneProbeGoesThroughAndClosesIt() {
    opens();
    Promise<Integer> probe = probe();
    for (int i = 0; i < 100; i++) {
      assertThrows(BreakerWait.class, () -> await(call(Future.succeededFuture(1))));
    }
    assertEquals(1, made.get());
    probe.complete(2);
    while (made.get() == 1) {
      call(Future.succeededFuture(1)).recover(e -> Future.succeededFuture(0));
      Thread.onSpinWait();
    }
    fails(down, 3);
    assertEquals(3, await(call(Future.succeededFuture(3))));
  }

  @Test
  void aProbeThatFailsOrTellsNothingOpensItAgain() {
    opens();
    probe().fail(down);
    made.set(0);
    probe().fail(new QuotaWait(Instant.now(), "quota"));
    made.set(0);
    probe().complete(1);
  }

  @Test
  void aCallFromBeforeTheOpeningDoesNotCloseIt() {
    Promise<Integer> early = Promise.promise();
    Future<Integer> called = call(early.future());
    made.set(0);
    opens();
    Promise<Integer> probe = probe();
    early.complete(7);
    assertEquals(7, await(called));
    assertThrows(BreakerWait.class, () -> await(call(Future.succeededFuture(1))));
    assertEquals(1, made.get());
    probe.complete(1);
  }

  @Test
  void aCallWithoutATimeLimitOfItsOwnIsGivenUp() {
    breaker = breaker(false);
    List<Future<Integer>> called = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      called.add(call(Promise.<Integer>promise().future()));
    }
    called.forEach(c -> assertInstanceOf(Unavailable.class, failure(c)));
    assertThrows(BreakerWait.class, () -> await(call(Future.succeededFuture(1))));
  }

  @Test
  void gmailIsLeftAloneAndThenAskedOnce() {
    try (Peer peer = new Peer(vertx, SETTINGS)) {
      peer.api = (r, b) -> reply(r, 404, error(404, "notFound", "no"));
      for (int i = 0; i < 20; i++) {
        assertInstanceOf(NotFound.class, failure(peer.client.profile(USER)));
      }
      peer.api = (r, b) -> reply(r, 429, error(429, "rateLimitExceeded", "slow"));
      for (int i = 0; i < 20; i++) {
        assertTrue(failure(peer.client.profile(USER)).quota());
      }
      peer.api = (r, b) -> reply(r, 503, "");
      for (int i = 0; i < 40; i++) {
        assertInstanceOf(Unavailable.class, failure(peer.client.profile(USER)));
      }
      assertThrows(BreakerWait.class, () -> await(peer.client.profile(USER)));
      assertEquals(80, peer.calls.get());
      assertEquals(80, peer.quota.taken.get());
    }
  }

  @Test
  void theTokenEndpointHasABreakerOfItsOwn() {
    try (Peer peer = new Peer(vertx, SETTINGS)) {
      peer.tokenEndpoint = (r, b) -> reply(r, 500, "");
      for (int i = 0; i < 10; i++) {
        assertInstanceOf(Unavailable.class, failure(peer.accessTokens.token(USER)));
      }
      assertThrows(BreakerWait.class, () -> await(peer.accessTokens.token(USER)));
    }
  }

  @Test
  void cancelledCallsSayNothing() {
    try (Peer peer = new Peer(vertx, SETTINGS)) {
      peer.api = (r, b) -> {};
      for (int i = 0; i < 20; i++) {
        CallScope scope = new CallScope();
        Future<FetchResult> fetching =
            peer.client.fetch(USER, List.of("m" + i), MessageFormat.FULL, scope);
        while (peer.calls.get() == i) {
          Thread.onSpinWait();
        }
        vertx.runOnContext(v -> scope.cancel());
        await(fetching);
      }
      peer.api = (r, b) -> reply(r, 200, "{\"emailAddress\":\"a@b\",\"historyId\":9}");
      assertEquals("a@b", await(peer.client.profile(USER)).email());
    }
  }
}
