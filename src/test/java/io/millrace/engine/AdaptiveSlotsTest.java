package io.millrace.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.limit.ConcurrencySettings;
import io.millrace.limit.LimitChanged;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdaptiveSlotsTest {
  private static final Duration SHORT = Duration.ofMillis(20);
  private static final ConcurrencySettings CONCURRENCY =
      new ConcurrencySettings(15, 5, 25, 0.15, 0.05, 20, Duration.ofSeconds(10));
  private static final EngineSettings SETTINGS =
      new EngineSettings(
          Duration.ofSeconds(60),
          Duration.ofSeconds(20),
          Duration.ofMillis(100),
          Duration.ofMillis(20),
          Duration.ofMillis(50),
          Map.of(
              "mailbox", new KindSettings(1_000, Duration.ofSeconds(60), 5),
              "embed", new KindSettings(25, Duration.ofSeconds(60), 5, true),
              "narrow", new KindSettings(4, Duration.ofSeconds(60), 5, true)));

  private final List<LimitChanged> told = new ArrayList<>();
  private double memory = 1;
  private long now;
  private final Slots slots =
      new AdaptiveSlots(SETTINGS, CONCURRENCY, () -> memory, told::add, () -> now);

  private void runs(String kind, int count, boolean failed, int busy) {
    for (int i = 0; i < count; i++) {
      now += Duration.ofMillis(600).toNanos();
      slots.finished(kind, busy, failed, SHORT);
    }
  }

  @Test
  void aKindThatIsNotAdaptiveHasItsSlots() {
    runs("mailbox", 200, true, 10);
    assertEquals(990, slots.free("mailbox", 10));
    assertEquals(5, slots.free("unheard", 10));
    assertTrue(told.isEmpty());
  }

  @Test
  void anAdaptiveKindBeginsAtTheInitialLimitAndFollowsItsRuns() {
    assertEquals(12, slots.free("embed", 3));
    runs("embed", 20, true, 15);
    assertEquals(0, slots.free("embed", 15));
    assertEquals(13, slots.free("embed", 0));
    assertEquals(
        List.of(new LimitChanged("concurrency:embed", 15, 13, "100 % of 20 runs failed")), told);
    runs("embed", 2_000, false, 25);
    assertEquals(25, slots.free("embed", 0));
  }

  @Test
  void theConfiguredSlotsAreTheCeiling() {
    assertEquals(4, slots.free("narrow", 0));
    runs("narrow", 200, false, 4);
    runs("narrow", 200, true, 4);
    assertEquals(4, slots.free("narrow", 0));
  }

  /** T32, by way of the slots: down to the least and back to the start, never up and down. */
  @Test
  void afterASpikeTheSlotsComeBackToTheStart() {
    runs("embed", 400, true, 15);
    assertEquals(5, slots.free("embed", 0));
    told.clear();
    runs("embed", 600, false, 5);
    assertEquals(15, slots.free("embed", 0));
    assertTrue(told.stream().allMatch(c -> c.now() == c.old() + 1), told::toString);
  }

  @Test
  void littleMemoryShedsAndNeverStops() {
    memory = 0.5;
    assertEquals(7, slots.free("embed", 0));
    assertEquals(0, slots.free("embed", 8));
    assertEquals(490, slots.free("mailbox", 10));
    memory = 0;
    assertEquals(1, slots.free("mailbox", 0));
    assertEquals(0, slots.free("mailbox", 1));
    assertEquals(1, slots.free("narrow", 0));
  }
}
