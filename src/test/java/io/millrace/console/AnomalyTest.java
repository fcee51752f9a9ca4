package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class AnomalyTest {
  private static final HealthSettings SETTINGS =
      new HealthSettings(Duration.ofMinutes(1), 14, 3, 5);

  @Test
  void whatIsAsEveryDayIsNotUnusual() {
    assertEquals(
        List.of(),
        Anomaly.of(hour(100, 50), List.of(hour(95, 49), hour(103, 51), hour(99, 52)), SETTINGS));
  }

  @Test
  void anHourThatIsFarOffIsToldInWords() {
    List<Anomaly.Hour> past = List.of(hour(1_000, 50), hour(1_010, 51), hour(990, 49));
    List<Anomaly> found = Anomaly.of(hour(10, 500), past, SETTINGS);
    assertEquals(List.of("rate", "duration"), found.stream().map(Anomaly::what).toList());
    assertEquals(
        "10 jobs ended in the last hour; usual at this hour are 1000.", found.get(0).sentence());
  }

  @Test
  void tooFewDaysSayNothing() {
    assertEquals(
        List.of(), Anomaly.of(hour(10, 500), List.of(hour(1_000, 50), hour(1_000, 50)), SETTINGS));
  }

  @Test
  void withoutRunsThereIsNoDuration() {
    List<Anomaly.Hour> past = List.of(hour(0, 0), hour(0, 0), hour(0, 0));
    assertEquals(List.of(), Anomaly.of(new Anomaly.Hour(0, 0, 0), past, SETTINGS));
  }

  @Property
  void whatIsUsualDoesNotDependOnTheOrder(
      @ForAll @Size(min = 3, max = 20) List<@DoubleRange(min = 0, max = 1e6) Double> past,
      @ForAll long seed) {
    List<Double> other = new ArrayList<>(past);
    Collections.shuffle(other, new Random(seed));
    assertEquals(Usual.of(past, 3), Usual.of(other, 3));
  }

  @Property
  void fewBadDaysMoveNothing(@ForAll @DoubleRange(min = 1_000, max = 1e6) double value) {
    List<Double> past = new ArrayList<>(Collections.nCopies(7, 100.0));
    past.addAll(Collections.nCopies(3, value));
    Usual usual = Usual.of(past, 3).orElseThrow();
    assertEquals(100, usual.median());
    assertTrue(Math.abs(usual.deviation(value)) > 5);
    assertEquals(0, usual.deviation(100));
  }

  @Test
  void adviceIsGivenWhereSomethingIsWrongOnly() {
    HealthScore.Figures well = new HealthScore.Figures(false, 3, OptionalDouble.of(10), 0, 0, 100);
    assertEquals(List.of(), Advice.of("embed", well, 2, 0, Optional.empty(), 100, List.of()));
    HealthScore.Figures paused = new HealthScore.Figures(true, 3, OptionalDouble.of(10), 0, 0, 100);
    assertTrue(
        Advice.of("embed", paused, 0, 0, Optional.empty(), 100, List.of())
            .get(0)
            .startsWith("embed is paused and 3 jobs are ready"));
    HealthScore.Figures bad =
        new HealthScore.Figures(false, 90, OptionalDouble.of(1e6), 30, 30, 100);
    List<String> all =
        Advice.of("embed", bad, 0, 30, Optional.of(new Trend(90, 5)), 100, List.of());
    assertEquals(3, all.size(), all.toString());
    assertTrue(all.get(2).contains("is over 100 in 2 minutes"), all.get(2));
  }

  private static Anomaly.Hour hour(long ended, long ms) {
    return new Anomaly.Hour(ended, ended, ended * ms);
  }
}
