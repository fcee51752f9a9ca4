package io.millrace.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** Over random expressions, zones and instants: always later, and nothing missed or made up. */
class RecurrencePropertyTest {
  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");
  private static final int DAYS = 20;

  /** A few days before the clocks change, so that the window holds the change. */
  private static final List<Instant> CHANGES =
      List.of(
          Instant.parse("2026-03-05T00:00:00Z"),
          Instant.parse("2026-03-25T00:00:00Z"),
          Instant.parse("2026-04-01T00:00:00Z"),
          Instant.parse("2026-09-30T00:00:00Z"),
          Instant.parse("2026-10-20T00:00:00Z"),
          Instant.parse("2028-02-20T00:00:00Z"));

  @Property(tries = 300)
  void cronIsAsTheClockOnTheWallSays(
      @ForAll("expressions") String expression,
      @ForAll("zones") String zone,
      @ForAll("starts") Instant from,
      @ForAll @IntRange(max = 4_000) int minutes) {
    Instant start = from.plus(Duration.ofMinutes(minutes));
    Instant end = start.plus(Duration.ofDays(DAYS));
    List<Instant> expected = new WallClock(expression).times(ZoneId.of(zone), start, end);
    List<Instant> wanted = expected.subList(0, Math.min(200, expected.size()));
    Recurrence recurrence = Recurrence.parse("cron: " + expression, zone);
    List<Instant> times = new ArrayList<>();
    Instant last = start;
    while (times.size() < wanted.size()) {
      Instant next = recurrence.after(last, EPOCH).orElseThrow();
      assertTrue(next.isAfter(last), next + " after " + last);
      times.add(next);
      last = next;
    }
    assertEquals(wanted, times);
    assertTrue(
        expected.size() > wanted.size() || recurrence.after(last, EPOCH).orElseThrow().isAfter(end),
        "and no other in the window");
  }

  @Property(tries = 300)
  void betweenAnInstantAndTheNextTimeThereIsNone(
      @ForAll("expressions") String expression,
      @ForAll("zones") String zone,
      @ForAll("starts") Instant from,
      @ForAll @LongRange(max = 2_000_000_000_000_000L) long nanos,
      @ForAll @IntRange(min = 1, max = 999) int permille) {
    Recurrence recurrence = Recurrence.parse("cron: " + expression, zone);
    Instant start = from.plusNanos(nanos);
    Instant next = recurrence.after(start, EPOCH).orElseThrow();
    Duration gap = Duration.between(start, next);
    Instant between = start.plus(gap.multipliedBy(permille).dividedBy(1000));
    assertEquals(next, recurrence.after(between, EPOCH).orElseThrow());
  }

  @Property
  void intervalsNeverDrift(
      @ForAll @LongRange(min = 1, max = 366 * 86_400) long seconds,
      @ForAll @LongRange(max = 1L << 40) long micros) {
    Recurrence every = new Recurrence.Every(Duration.ofSeconds(seconds));
    Instant at = EPOCH.plusNanos(micros * 1_000);
    Instant next = every.after(at, EPOCH).orElseThrow();
    assertTrue(next.isAfter(at));
    assertTrue(!next.minusSeconds(seconds).isAfter(at));
    assertEquals(0, Duration.between(EPOCH, next).toSeconds() % seconds);
    assertEquals(0, Duration.between(EPOCH, next).toNanosPart());
  }

  @Property(tries = 500)
  void anyTextIsReadOrRefusedInASentence(@ForAll("texts") String text) {
    try {
      assertTrue(Recurrence.parse(text, "UTC").after(EPOCH, EPOCH).orElseThrow().isAfter(EPOCH));
    } catch (IllegalArgumentException e) {
      assertNotNull(e.getMessage());
      assertTrue(e.getMessage().length() < 500, e.getMessage());
    }
  }

  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> fields =
        Arbitraries.strings().withChars("0123456789*/,-?LW#MONFRI @").ofMaxLength(30);
    return Arbitraries.oneOf(
        Arbitraries.strings().ofMaxLength(40),
        fields.map(f -> "cron: " + f),
        Combinators.combine(expressions(), fields).as((e, f) -> "cron: " + e + f),
        Arbitraries.strings()
            .withChars("PTDHMS0123456789.-")
            .ofMaxLength(9)
            .map(f -> "every: " + f));
  }

  @Provide
  Arbitrary<Instant> starts() {
    return Arbitraries.of(CHANGES);
  }

  @Provide
  Arbitrary<String> zones() {
    return Arbitraries.of(
        "UTC",
        "Europe/Berlin",
        "America/Los_Angeles",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "America/St_Johns",
        "Asia/Kathmandu");
  }

  @Provide
  Arbitrary<String> expressions() {
    return Combinators.combine(
            field(0, 59),
            field(0, 23),
            often(field(1, 31)),
            often(field(1, 12)),
            often(field(0, 6)))
        .as(
            (minute, hour, day, month, weekday) ->
                String.join(" ", minute, hour, dayOf(day, month), month, weekday));
  }

  /** A day that no month has is refused; it is not what is tested here. */
  private static String dayOf(String day, String month) {
    return month.equals("*") ? day : "*";
  }

  private static Arbitrary<String> often(Arbitrary<String> field) {
    return Arbitraries.frequencyOf(
        net.jqwik.api.Tuple.of(2, Arbitraries.just("*")), net.jqwik.api.Tuple.of(1, field));
  }

  private static Arbitrary<String> field(int least, int most) {
    Arbitrary<Integer> value = Arbitraries.integers().between(least, most);
    Arbitrary<String> list =
        value
            .list()
            .ofMinSize(1)
            .ofMaxSize(4)
            .map(values -> String.join(",", values.stream().map(String::valueOf).toList()));
    Arbitrary<String> range =
        Combinators.combine(value, value).as((a, b) -> Math.min(a, b) + "-" + Math.max(a, b));
    Arbitrary<Integer> step = Arbitraries.integers().between(1, most);
    Arbitrary<String> stepped = Combinators.combine(range, step).as((r, s) -> r + "/" + s);
    Arbitrary<String> everyNth = step.map(s -> "*/" + s);
    return Arbitraries.oneOf(Arbitraries.just("*"), list, range, stepped, everyNth);
  }
}
