package io.millrace.pipeline;

import static io.millrace.store.StoreTestKit.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.GoogleException;
import io.millrace.google.GoogleFailure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PatienceTest {
  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger calls = new AtomicInteger();

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  void aFailureThatMayPassIsTriedAgainAsOftenAsAllowed() {
    Patience patience = new Patience(vertx, 3, 1_000);
    assertThrows(
        GoogleException.class,
        () -> await(patience.with(() -> failing(new GoogleFailure.Unavailable("down")))));
    assertEquals(3, calls.get());
  }

  @Test
  void aFailureThatNothingMendsIsNot() {
    Patience patience = new Patience(vertx, 3, 1_000);
    assertThrows(
        GoogleException.class,
        () -> await(patience.with(() -> failing(new GoogleFailure.BadRequest("no")))));
    assertEquals(1, calls.get());
  }

  @Test
  void aRunThatIsToldToStopDoesNotWaitForTheNextAttempt() throws Exception {
    // A wait of a second at the least, unless it is interrupted.
    Patience patience = new Patience(vertx, 10, 1);
    Future<Void> called = patience.with(() -> failing(new GoogleFailure.Unavailable("down")));
    patience.interrupt();
    assertTrue(called.failed());
    assertThrows(
        GoogleException.class,
        () -> await(patience.with(() -> failing(new GoogleFailure.Unavailable("down")))));
    assertEquals(2, calls.get());
  }

  private Future<Void> failing(GoogleFailure failure) {
    calls.incrementAndGet();
    return Future.failedFuture(new GoogleException(failure));
  }
}
