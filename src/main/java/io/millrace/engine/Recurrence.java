package io.millrace.engine;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/** When something happens again and again. Immutable; knows no clock. */
public sealed interface Recurrence permits CronTimes, Recurrence.Every {
  /** Begins a spec that holds a cron expression. */
  String CRON = "cron:";

  /** Begins a spec that holds an interval. */
  String EVERY = "every:";

  /**
   * The first time strictly after an instant.
   *
   * @param anchor what intervals count from
   * @return empty if there is none
   */
  Optional<Instant> after(Instant instant, Instant anchor);

  /**
   * Reads a spec such as {@code cron: 0 6 * * *} or {@code every: PT15M}.
   *
   * @param zone in which a cron expression is meant
   * @throws IllegalArgumentException saying what would be right
   */
  static Recurrence parse(String spec, String zone) {
    if (spec.startsWith(CRON)) {
      return CronTimes.parse(spec.substring(CRON.length()), zone(zone));
    }
    if (spec.startsWith(EVERY)) {
      return Every.parse(spec.substring(EVERY.length()));
    }
    throw new IllegalArgumentException(
        "must begin with cron: or every:, such as cron: 0 6 * * * or every: PT15M");
  }

  /**
   * A time zone by its name.
   *
   * @throws IllegalArgumentException saying what would be right
   */
  static ZoneId zone(String name) {
    try {
      return ZoneId.of(name);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("no such time zone; one is Europe/Berlin", e);
    }
  }

  /**
   * Anchor, anchor + interval, anchor + 2 intervals and so on: late runs do not push later ones.
   *
   * @param interval whole seconds, from 1 second to 366 days
   */
  record Every(Duration interval) implements Recurrence {
    private static final Duration LONGEST = Duration.ofDays(366);
    private static final String RIGHT =
        "must be an interval of whole seconds from PT1S to P366D, such as PT15M";

    /** Checks the interval. */
    public Every {
      if (interval.compareTo(Duration.ofSeconds(1)) < 0
          || interval.compareTo(LONGEST) > 0
          || interval.toNanosPart() != 0) {
        throw new IllegalArgumentException(RIGHT);
      }
    }

    /**
     * Reads an ISO 8601 duration.
     *
     * @throws IllegalArgumentException saying what would be right
     */
    public static Every parse(String text) {
      try {
        return new Every(Duration.parse(text.strip()));
      } catch (DateTimeException e) {
        throw new IllegalArgumentException(RIGHT, e);
      }
    }

    @Override
    public Optional<Instant> after(Instant instant, Instant anchor) {
      long gone =
          instant.isBefore(anchor) ? 0 : Duration.between(anchor, instant).dividedBy(interval);
      return Optional.of(anchor.plus(interval.multipliedBy(gone + 1)));
    }
  }
}
