package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TrendTest {
  @Test
  void tooFewSamplesTellNoTrend() {
    assertTrue(Trend.of(List.of()).isEmpty());
    assertTrue(Trend.of(line(4, 100, 1)).isEmpty());
    assertTrue(Trend.of(IntStream.range(0, 9).mapToObj(i -> at(1, i)).toList()).isEmpty());
  }

  @Test
  void aBacklogThatGetsLessIsEmptyAtAForeseeableTime() {
    Trend trend = Trend.of(line(11, 1_000, -50)).orElseThrow();
    assertEquals(-50, trend.perMinute(), 1e-9);
    assertEquals(550 / 50.0, trend.emptyIn().orElseThrow(), 1e-9);
    assertEquals(OptionalDouble.empty(), trend.overIn(2_000));
    assertEquals(0, trend.overIn(100).orElseThrow());
  }

  @Test
  void aBacklogThatGrowsIsOverABoundAtAForeseeableTime() {
    Trend trend = Trend.of(line(11, 0, 10)).orElseThrow();
    assertEquals(OptionalDouble.empty(), trend.emptyIn());
    assertEquals((500 - trend.now()) / 10, trend.overIn(500).orElseThrow(), 1e-9);
  }

  @Property
  void aLineIsFoundDespiteOddSamples(
      @ForAll @DoubleRange(min = -100, max = 100) double slope,
      @ForAll @IntRange(min = 20, max = 60) int samples,
      @ForAll @Size(max = 3) List<@IntRange(min = 0, max = 19) Integer> odd) {
    List<Trend.Point> points = new ArrayList<>(line(samples, 10_000, slope));
    odd.forEach(i -> points.set(i, at(i, 1e7)));
    assertEquals(slope, Trend.of(points).orElseThrow().perMinute(), Math.abs(slope) * 0.1 + 0.5);
  }

  @Property
  void noForecastIsInThePast(
      @ForAll @Size(min = 5, max = 30) List<@DoubleRange(min = 0, max = 1e6) Double> values,
      @ForAll @DoubleRange(min = 0, max = 1e6) double bound) {
    List<Trend.Point> points =
        IntStream.range(0, values.size()).mapToObj(i -> at(i, values.get(i))).toList();
    Trend trend = Trend.of(points).orElseThrow();
    assertTrue(trend.emptyIn().orElse(0) >= 0);
    assertTrue(trend.overIn(bound).orElse(0) >= 0);
  }

  private static List<Trend.Point> line(int samples, double from, double slope) {
    return IntStream.range(0, samples).mapToObj(i -> at(i, from + slope * i)).toList();
  }

  private static Trend.Point at(double minutes, double value) {
    return new Trend.Point(minutes, value);
  }
}
