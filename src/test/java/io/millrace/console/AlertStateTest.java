package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.console.AlertState.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class AlertStateTest {
  private static final Threshold THRESHOLD = new Threshold(100, 500);
  private static final Duration HOLD = Duration.ofSeconds(30);
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private AlertState state = AlertState.ok(START);
  private Instant now = START;

  private Level look(double value) {
    now = now.plusSeconds(10);
    state = state.next(value, THRESHOLD, 0.1, HOLD, now);
    return state.level();
  }

  @Test
  void whatLastsIsTold() {
    assertEquals(Level.OK, look(101));
    assertEquals(Level.OK, look(150));
    assertEquals(Level.OK, look(120));
    assertEquals(Level.WARN, look(101));
    assertNull(state.pending());
  }

  @Test
  void atTheThresholdNothingIsWrong() {
    for (int i = 0; i < 10; i++) {
      assertEquals(Level.OK, look(100));
    }
  }

  @Test
  void whatPassesIsNotTold() {
    for (int i = 0; i < 10; i++) {
      assertEquals(Level.OK, look(900));
      assertEquals(Level.OK, look(900));
      assertEquals(Level.OK, look(10));
    }
  }

  @Test
  void whatIsCriticalFromTheStartIsToldAsThat() {
    look(900);
    look(900);
    look(900);
    assertEquals(Level.CRITICAL, look(900));
  }

  @Test
  void onTheWayUpOnlyTheMilderLevelHasLasted() {
    look(200);
    look(200);
    look(900);
    assertEquals(Level.WARN, look(900));
    look(900);
    look(900);
    look(900);
    assertEquals(Level.CRITICAL, look(900));
  }

  @Test
  void itIsOverOnlyClearlyBelow() {
    for (int i = 0; i < 4; i++) {
      look(150);
    }
    for (int i = 0; i < 10; i++) {
      assertEquals(Level.WARN, look(95), "95 is within a tenth of 100");
    }
    look(80);
    look(80);
    look(80);
    assertEquals(Level.OK, look(80));
    assertTrue(state.quiet());
  }

  @Property
  void nothingIsToldBeforeItHasLasted(
      @ForAll @Size(max = 50) List<@DoubleRange(min = 0, max = 1_000) Double> values,
      @ForAll @IntRange(min = 1, max = 29) int stepSeconds) {
    AlertState at = AlertState.ok(START);
    Instant time = START;
    Instant moved = null;
    for (double value : values) {
      time = time.plusSeconds(stepSeconds);
      AlertState next = at.next(value, THRESHOLD, 0.1, HOLD, time);
      if (next.level() != at.level()) {
        assertTrue(at.pending() != null, "it was pending before");
        assertTrue(!Duration.between(at.pendingSince(), time).minus(HOLD).isNegative());
        assertTrue(moved == null || !Duration.between(moved, time).minus(HOLD).isNegative());
        moved = time;
      }
      at = next;
    }
  }

  @Property
  void aValueThatStaysDecides(@ForAll @DoubleRange(min = 0, max = 1_000) double value) {
    AlertState at = AlertState.ok(START);
    for (int i = 1; i <= 20; i++) {
      at = at.next(value, THRESHOLD, 0.1, HOLD, START.plusSeconds(10L * i));
    }
    assertEquals(value > 500 ? Level.CRITICAL : value > 100 ? Level.WARN : Level.OK, at.level());
    assertNull(at.pending());
  }

  @Property
  void whatWaversWithinTheMarginIsToldOnce(
      @ForAll @Size(min = 10, max = 60) List<@DoubleRange(min = 91, max = 110) Double> values) {
    AlertState at = AlertState.ok(START);
    int told = 0;
    for (int i = 0; i < values.size(); i++) {
      AlertState next = at.next(values.get(i), THRESHOLD, 0.1, Duration.ZERO, START.plusSeconds(i));
      told += next.level() == at.level() ? 0 : 1;
      assertNotEquals(Level.CRITICAL, next.level());
      at = next;
    }
    assertTrue(told <= 1);
  }
}
