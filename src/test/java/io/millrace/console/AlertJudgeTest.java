package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.Alerts;
import io.millrace.store.Vitals;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AlertJudgeTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Vitals.Today NOTHING = new Vitals.Today(0, 0, 0, 0, 0);

  static AlertSettings settings(Duration every, Duration hold, AlertSettings.Webhook webhook) {
    Map<AlertSource, Threshold> thresholds = new EnumMap<>(AlertSource.class);
    thresholds.put(AlertSource.QUEUE_DEPTH, new Threshold(100, 500));
    thresholds.put(AlertSource.FAILURE_RATE, new Threshold(0.15, 0.3));
    thresholds.put(AlertSource.STUCK, new Threshold(0, 10));
    return new AlertSettings(
        every,
        hold,
        0.1,
        Duration.ofMinutes(5),
        20,
        30,
        "docs/runbooks/",
        Optional.ofNullable(webhook),
        thresholds);
  }

  private final AlertJudge judge =
      new AlertJudge(settings(Duration.ofSeconds(1), Duration.ZERO, null));

  @Test
  void oneThatIsRaisedHasARowAndASentence() {
    Sample sample = new Sample(AlertSource.QUEUE_DEPTH, "embed", 512);
    Alerts.Changes changes = judge.judge(List.of(sample), List.of(), NOW);
    assertEquals("critical", changes.standing().get(0).level());
    Alerts.Event event = changes.events().get(0);
    assertEquals("ok", event.was());
    assertEquals("ready jobs of kind embed: 512, critical above 500", event.sentence());
  }

  @Test
  void oneThatIsOverHasNone() {
    Alerts.Changes raised =
        judge.judge(List.of(new Sample(AlertSource.STUCK, "keys", 1)), List.of(), NOW);
    Alerts.Changes over =
        judge.judge(
            List.of(new Sample(AlertSource.STUCK, "keys", 0)),
            raised.standing(),
            NOW.plusSeconds(1));
    assertEquals(List.of(), over.standing());
    assertEquals(1, over.over().size());
    assertEquals("ok", over.events().get(0).level());
  }

  @Test
  void whatIsWellCostsNoRow() {
    Alerts.Changes changes =
        judge.judge(List.of(new Sample(AlertSource.QUEUE_DEPTH, "embed", 3)), List.of(), NOW);
    assertEquals(List.of(), changes.standing());
    assertEquals(List.of(), changes.over());
    assertEquals(List.of(), changes.events());
  }

  @Test
  void withoutFiguresItIsOverAndSaysSo() {
    Alerts.Changes raised =
        judge.judge(List.of(new Sample(AlertSource.STUCK, "keys", 1)), List.of(), NOW);
    Alerts.Changes silent = judge.judge(List.of(), raised.standing(), NOW.plusSeconds(60));
    assertEquals(1, silent.over().size());
    assertNull(silent.events().get(0).value());
    assertTrue(silent.events().get(0).sentence().endsWith("there are no figures any more"));
  }

  @Test
  void noDataMakesNoSample() {
    Samples samples = new Samples(Duration.ofMinutes(5), 20);
    Signs idle = new Signs(0, List.of(), OptionalDouble.empty(), 0);
    for (int i = 0; i < 3; i++) {
      assertEquals(
          List.of(),
          samples.shared(idle, NOTHING, 0, Duration.ofMinutes(1), OptionalDouble.empty()));
      assertEquals(List.of(), samples.own("p", i, Tallied.Now.NONE, Tallied.Now.NONE, Double.NaN));
    }
  }

  @Test
  void tooFewJobsSayNothingOfARate() {
    Samples samples = new Samples(Duration.ofMinutes(5), 20);
    assertEquals(List.of(), rates(samples, 0, queue(0, 0, false)));
    assertEquals(List.of(), rates(samples, 1, queue(10, 9, false)));
    assertEquals(0.5, rates(samples, 2, queue(20, 20, false)).get(0).value());
  }

  @Test
  void aRateForgetsWhatWasBeforeTheWindow() {
    Samples samples = new Samples(Duration.ofSeconds(10), 20);
    rates(samples, 0, queue(0, 100, false));
    rates(samples, 1_000_000_000L, queue(0, 200, false));
    List<Sample> later = rates(samples, 60_000_000_000L, queue(100, 200, false));
    assertEquals(0, later.get(0).value());
  }

  @Test
  void aPausedKindMayBeDeep() {
    Samples samples = new Samples(Duration.ofMinutes(5), 20);
    Signs seen = new Signs(0, List.of(queue(0, 0, true)), OptionalDouble.empty(), 0);
    assertTrue(
        samples.shared(seen, NOTHING, 0, Duration.ZERO, OptionalDouble.empty()).stream()
            .noneMatch(s -> s.source() == AlertSource.QUEUE_DEPTH));
  }

  @ParameterizedTest
  @EnumSource(AlertSource.class)
  void everySourceHasAPage(AlertSource source) throws Exception {
    String page = Files.readString(Path.of("docs", "runbooks", source.page()));
    for (String part : List.of("## What it means", "## Where to look", "## What to do")) {
      assertTrue(page.contains(part), source.page() + " has no part " + part);
    }
    assertTrue(page.contains(source.key() + ":"), source.page() + " names its alert");
  }

  private static List<Sample> rates(Samples samples, long nanos, Vitals.Queue queue) {
    Signs seen = new Signs(nanos, List.of(queue), OptionalDouble.empty(), 0);
    return new ArrayList<>(
        samples.shared(seen, NOTHING, 0, Duration.ZERO, OptionalDouble.empty()).stream()
            .filter(s -> s.source() == AlertSource.FAILURE_RATE)
            .toList());
  }

  private static Vitals.Queue queue(long done, long failed, boolean paused) {
    return new Vitals.Queue(
        "embed",
        "default",
        paused,
        0,
        OptionalDouble.empty(),
        0,
        0,
        0,
        0,
        0,
        done,
        failed,
        0,
        0,
        0);
  }
}
