package io.millrace.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecurrenceTest {
  private static final Instant YEAR = Instant.parse("2026-01-01T00:00:00Z");

  private static List<String> first(int most, String spec, String zone, String from) {
    Recurrence recurrence = Recurrence.parse(spec, zone);
    List<String> times = new ArrayList<>();
    Instant at = Instant.parse(from);
    while (times.size() < most) {
      at = recurrence.after(at, YEAR).orElseThrow();
      times.add(at.toString());
    }
    return times;
  }

  @Test
  void aTimeThatTheClocksSkipHappensAtTheChange() {
    assertEquals(
        List.of("2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"),
        first(3, "cron: 30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z"));
    assertEquals(
        List.of("2026-03-29T01:00:00Z", "2026-03-29T01:15:00Z"),
        first(2, "cron: */15 * * * *", "Europe/Berlin", "2026-03-29T00:45:00Z"));
  }

  @Test
  void aTimeThatComesTwiceHappensOnce() {
    assertEquals(
        List.of("2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
        first(3, "cron: 30 2 * * *", "Europe/Berlin", "2026-10-23T23:00:00Z"));
    // Half an hour is repeated there, not a whole one.
    assertEquals(
        List.of("2026-04-04T14:30:00Z", "2026-04-04T14:45:00Z", "2026-04-04T15:30:00Z"),
        first(3, "cron: */15 * * * *", "Australia/Lord_Howe", "2026-04-04T14:15:00Z"));
    assertEquals(
        List.of("2026-10-25T02:00:00Z"),
        first(1, "cron: * * * * * *", "Europe/Berlin", "2026-10-25T01:20:00.5Z"));
  }

  @ParameterizedTest
  @CsvSource({
    "Europe/Berlin, 0 6 * * *",
    "Europe/Berlin, '15,45 1-3 * * *'",
    "America/Los_Angeles, 30 2 * * *",
    "America/Los_Angeles, '0 0,12 1 * MON'",
    "Asia/Kolkata, 30 0 * * MON-FRI",
    "Asia/Kolkata, 0 6 29 2 *",
    "Australia/Lord_Howe, '0,15,30,45 1-2 * * *'",
    "Australia/Lord_Howe, 59 23 31 * *"
  })
  void aYearIsAsTheClockOnTheWallSays(String zone, String expression) {
    Instant end = YEAR.plusSeconds(366 * 86_400L);
    Recurrence recurrence = Recurrence.parse("cron: " + expression, zone);
    List<Instant> times = new ArrayList<>();
    Instant at = recurrence.after(YEAR, YEAR).orElseThrow();
    while (!at.isAfter(end)) {
      times.add(at);
      at = recurrence.after(at, YEAR).orElseThrow();
    }
    assertEquals(new WallClock(expression).times(ZoneId.of(zone), YEAR, end), times);
  }

  @Test
  void intervalsCountFromTheirAnchorHoweverLateOneLooks() {
    assertEquals(
        List.of("2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z"),
        first(2, "every: PT15M", "UTC", "2026-01-01T00:00:00Z"));
    assertEquals(
        List.of("2026-05-05T05:15:00Z"), first(1, "every: PT15M", "UTC", "2026-05-05T05:14:59.9Z"));
    assertEquals(
        List.of("2026-01-01T00:15:00Z"), first(1, "every: PT15M", "UTC", "2025-01-01T00:00:00Z"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cron: 61 * * * * | Value 61 not in range [0, 59]",
        "cron: 0 6 * *    | has 4 fields in 7 characters, not 5 or 6",
        "cron:            | has 0 fields",
        "cron: a b c d e  | Invalid chars",
        "cron: 0 0 30 2 * | names a day that no year has",
        "every: 15m       | an interval of whole seconds from PT1S to P366D, such as PT15M",
        "every: PT0.5S    | from PT1S",
        "every: PT1.5S    | whole seconds",
        "every: -PT15M    | from PT1S",
        "every: P367D     | to P366D",
        "0 6 * * *        | must begin with cron: or every:"
      })
  void whatIsWrongIsSaid(String spec, String why) {
    String said = refusal(spec, "UTC");
    assertTrue(said.contains(why), said);
    assertTrue(said.matches("(?s).*(such as|is right).*"), "says what is right: " + said);
  }

  @Test
  void aZoneMustExist() {
    assertEquals(
        "no such time zone; one is Europe/Berlin", refusal("cron: 0 6 * * *", "Europe/Bärlin"));
  }

  private static String refusal(String spec, String zone) {
    return assertThrows(IllegalArgumentException.class, () -> Recurrence.parse(spec, zone))
        .getMessage();
  }
}
