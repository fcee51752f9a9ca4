package io.millrace.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.FailurePolicy.Decision;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What follows from a failure, read off the table. */
class FailurePolicyTest {
  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");
  private static final FailurePolicy POLICY = FailurePolicy.DEFAULT;

  /** Attempts spent before and refusals in a row, then whether again, and whether it counts. */
  @ParameterizedTest
  @CsvSource({
    "TRANSIENT,      0,  0, true,  true",
    "TRANSIENT,      3,  0, true,  true",
    "TRANSIENT,      4,  0, false, true",
    "PERMANENT,      0,  0, false, true",
    "DATA,           0,  0, false, true",
    "TIMEOUT,        3,  0, true,  true",
    "TIMEOUT,        4,  0, false, true",
    "AUTHENTICATION, 1,  0, true,  true",
    "AUTHENTICATION, 2,  0, false, true",
    "RATE_LIMIT,     0,  0, true,  false",
    "RATE_LIMIT,     4,  8, true,  false",
    "RATE_LIMIT,     0,  9, true,  true",
    "RATE_LIMIT,     4,  9, false, true",
    "QUOTA,          4,  8, true,  false",
    "QUOTA,          3, 10, true,  true",
    "QUOTA,          4, 10, false, true",
  })
  void theTable(FailureClass failure, int spent, int refusals, boolean again, boolean counts) {
    Decision decision = decide(failure, null, spent, refusals, 5);
    assertEquals(again, decision.again());
    assertEquals(counts, decision.attemptSpent());
    assertEquals(!again && failure == FailureClass.AUTHENTICATION, decision.callForHelp());
  }

  @Test
  void aKindMayAllowMoreTransientFailuresAndFewerOfAny() {
    assertTrue(decide(FailureClass.TRANSIENT, null, 10, 0, 20).again());
    assertFalse(decide(FailureClass.PERMANENT, null, 0, 0, 20).again());
    assertFalse(decide(FailureClass.TIMEOUT, null, 0, 0, 1).again());
    assertTrue(decide(FailureClass.QUOTA, null, 0, 0, 1).again(), "a wait is no attempt");
  }

  @Test
  void anInstantOfTheServersGoesBeforeTheCap() {
    for (int seconds : new int[] {1, 60, 900, 3_600}) {
      for (FailureClass failure :
          new FailureClass[] {
            FailureClass.RATE_LIMIT, FailureClass.QUOTA, FailureClass.TRANSIENT
          }) {
        Decision told = decide(failure, NOW.plusSeconds(seconds), 0, 0, 5);
        assertTrue(told.delay().compareTo(Duration.ofSeconds(seconds)) >= 0);
        assertTrue(told.delay().compareTo(Duration.ofSeconds(seconds + 3)) < 0);
      }
    }
    Decision absurd = decide(FailureClass.QUOTA, NOW.plus(Duration.ofDays(4_000)), 0, 0, 5);
    assertTrue(absurd.delay().compareTo(Duration.ofHours(25)) < 0);
    Decision past = decide(FailureClass.QUOTA, NOW.minusSeconds(10), 0, 0, 5);
    assertTrue(past.delay().compareTo(Duration.ofSeconds(2)) <= 0 && !past.delay().isZero());
  }

  @Property
  void delaysAreJitteredAndBounded(
      @ForAll FailureClass failure,
      @ForAll @IntRange(max = 200) int spent,
      @ForAll @IntRange(max = 8) int refusals,
      @ForAll long seed) {
    Decision decision =
        POLICY.decide(new Diagnosis(failure, null), spent, refusals, 1_000, NOW, new Random(seed));
    if (decision.again()) {
      int n = Math.min(20, decision.attemptSpent() ? spent : refusals);
      long most = Math.min(POLICY.rule(failure).cap().toMillis(), 2_000L << n);
      assertTrue(decision.delay().toMillis() >= 500, "never at once");
      assertTrue(decision.delay().toMillis() <= most);
    }
  }

  @Test
  void theTimeScaleShortensDelaysOnly() {
    FailurePolicy.Rule scaled = POLICY.scaled(20).rule(FailureClass.QUOTA);
    assertEquals(Duration.ofMillis(100), scaled.base());
    assertEquals(Duration.ofSeconds(45), scaled.cap());
    assertEquals(10, scaled.max());
  }

  @Test
  void aTableWithAGapIsRefused() {
    Map<FailureClass, FailurePolicy.Rule> one =
        Map.of(FailureClass.DATA, POLICY.rule(FailureClass.DATA));
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> new FailurePolicy(one))
            .getMessage()
            .contains("TRANSIENT"));
  }

  private static Decision decide(
      FailureClass failure, Instant retryAt, int spent, int refusals, int attempts) {
    return POLICY.decide(
        new Diagnosis(failure, retryAt), spent, refusals, attempts, NOW, new Random(1));
  }
}
