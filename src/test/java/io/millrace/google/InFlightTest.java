package io.millrace.google;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.limit.QuotaLimits;
import org.junit.jupiter.api.Test;

/** How many calls of a user may be in flight, as the answers teach it. */
class InFlightTest {
  private static final long USER = 7;

  private final InFlight inFlight = new InFlight(new QuotaLimits(6_000, 0, 0, 25));

  @Test
  void itBeginsWithFourAndGrowsByOneWhenAllOfThemWereUsedAndAnswered() {
    use(4, false);
    assertEquals(5, limit());
    use(5, false);
    assertEquals(6, limit());
  }

  @Test
  void whatIsNotUsedDoesNotGrow() {
    for (int i = 0; i < 50; i++) {
      use(3, false);
    }
    assertEquals(4, limit());
  }

  @Test
  void whatOnlyWaitsForUnitsIsNotInFlight() {
    InFlight.Lease waiting = inFlight.lease(USER, 3).result();
    InFlight.Lease lease = inFlight.lease(USER, 1).result();
    InFlight.Written written = lease.written();
    assertEquals(1, written.busy());
    assertEquals(4, waiting.written().busy());
    lease.close();
    waiting.close();
    InFlight.Lease last = inFlight.lease(USER, 2).result();
    assertEquals(2, last.written().busy());
    last.close();
  }

  @Test
  void refusalsOfOneWindowHalveItOnceAndItIsRememberedBetweenCalls() {
    InFlight.Lease lease = inFlight.lease(USER, 50).result();
    InFlight.Written written = lease.written();
    lease.close();
    inFlight.answered(USER, true, written);
    inFlight.answered(USER, true, written);
    assertEquals(0, inFlight.users());
    assertEquals(2, limit());
  }

  @Test
  void itNeverGoesBeyondTheMostNorBelowOne() {
    for (int i = 0; i < 200; i++) {
      use(50, false);
    }
    assertEquals(25, limit());
    for (int i = 0; i < 20; i++) {
      use(50, true);
    }
    assertEquals(1, limit());
  }

  @Test
  void withoutAQuotaItBeginsAtTheMost() {
    InFlight free = new InFlight(new QuotaLimits(0, 0, 0, 100));
    assertEquals(50, free.lease(USER, 50).result().size());
  }

  private void use(int calls, boolean refused) {
    InFlight.Lease lease = inFlight.lease(USER, calls).result();
    InFlight.Written written = lease.written();
    lease.close();
    inFlight.answered(USER, refused, written);
  }

  private int limit() {
    InFlight.Lease lease = inFlight.lease(USER, 1_000).result();
    int size = lease.size();
    lease.close();
    return size;
  }
}
