package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalDouble;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class HealthScoreTest {
  private static final HealthScore.Bounds BOUNDS = HealthScore.Bounds.USUAL;

  @Test
  void withoutFiguresNothingIsWrong() {
    HealthScore score = HealthScore.of(figures(false, 0, OptionalDouble.empty(), 0, 0, 0), BOUNDS);
    assertEquals(100, score.points());
    assertEquals(List.of(), score.lost());
  }

  @Test
  void theWorstIsNothing() {
    HealthScore score =
        HealthScore.of(figures(false, 1_000, OptionalDouble.of(1e9), 500, 9, 10), BOUNDS);
    assertEquals(0, score.points());
    assertEquals(4, score.lost().size());
    assertEquals("90 % of 10 jobs failed for good", score.lost().get(0).why());
  }

  @Test
  void whatIsPausedMayWait() {
    HealthScore score =
        HealthScore.of(figures(true, 1_000, OptionalDouble.of(1e9), 0, 0, 0), BOUNDS);
    assertEquals(100, score.points());
  }

  @Property
  void pointsAndWhatWasLostAreAHundred(
      @ForAll boolean paused,
      @ForAll @LongRange(min = 0, max = 100_000) long ready,
      @ForAll @DoubleRange(min = 0, max = 1e8) double oldest,
      @ForAll @LongRange(min = 0, max = 10_000) long dead,
      @ForAll @LongRange(min = 0, max = 1_000) long failed,
      @ForAll @LongRange(min = 0, max = 1_000) long done) {
    HealthScore score =
        HealthScore.of(
            figures(paused, ready, OptionalDouble.of(oldest), dead, failed, failed + done), BOUNDS);
    assertTrue(score.points() >= 0 && score.points() <= 100);
    assertEquals(
        100, score.points() + score.lost().stream().mapToInt(HealthScore.Loss::points).sum());
  }

  @Property
  void worseFiguresNeverGiveMore(
      @ForAll @LongRange(min = 0, max = 1_000) long ready,
      @ForAll @LongRange(min = 0, max = 1_000) long more,
      @ForAll @DoubleRange(min = 0, max = 2e6) double oldest,
      @ForAll @LongRange(min = 0, max = 100) long failed,
      @ForAll @LongRange(min = 0, max = 100) long moreFailed) {
    int before = points(ready, oldest, failed);
    assertTrue(points(ready + more, oldest, failed) <= before);
    assertTrue(points(ready, oldest + more * 1_000.0, failed) <= before);
    assertTrue(points(ready, oldest, failed + moreFailed) <= before);
  }

  private static int points(long ready, double oldest, long failed) {
    return HealthScore.of(
            figures(false, ready, OptionalDouble.of(oldest), failed, failed, 200), BOUNDS)
        .points();
  }

  private static HealthScore.Figures figures(
      boolean paused, long ready, OptionalDouble oldest, long dead, long failed, long ended) {
    return new HealthScore.Figures(paused, ready, oldest, dead, failed, ended);
  }
}
