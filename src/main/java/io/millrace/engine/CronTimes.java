package io.millrace.engine;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.util.Optional;

/**
 * The times of a cron expression in a time zone: five fields as on Unix, or six with seconds before
 * them. Of day and weekday, if both are restricted, one need match.
 *
 * <p>The library only ever sees wall-clock time, as if it were UTC; what a change of the clocks
 * does to it is decided here: a time that is skipped happens at the change, a time that comes twice
 * happens the first time.
 */
final class CronTimes implements Recurrence {
  private static final String RIGHT =
      "minute hour day month weekday is right, such as 0 6 * * * or */15 8-17 * * MON-FRI, with"
          + " seconds before them if wanted";
  private static final int LONGEST = 200;
  private static final CronDefinition MINUTES =
      CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX);

  /** The library's UNIX dialect, with one more field. */
  private static final CronDefinition SECONDS =
      CronDefinitionBuilder.defineCron()
          .withSeconds()
          .withValidRange(0, 59)
          .and()
          .withMinutes()
          .withValidRange(0, 59)
          .and()
          .withHours()
          .withValidRange(0, 23)
          .and()
          .withDayOfMonth()
          .withValidRange(1, 31)
          .and()
          .withMonth()
          .withValidRange(1, 12)
          .and()
          .withDayOfWeek()
          .withValidRange(0, 7)
          .withMondayDoWValue(1)
          .withIntMapping(7, 0)
          .and()
          .instance();

  private final ExecutionTime times;
  private final ZoneId zone;

  private CronTimes(ExecutionTime times, ZoneId zone) {
    this.times = times;
    this.zone = zone;
  }

  /**
   * Reads an expression.
   *
   * @throws IllegalArgumentException saying what would be right
   */
  static CronTimes parse(String expression, ZoneId zone) {
    String text = expression.strip();
    int fields = text.isEmpty() ? 0 : text.split("\\s+").length;
    if ((fields != 5 && fields != 6) || text.length() > LONGEST) {
      throw new IllegalArgumentException(
          "has %d fields in %d characters, not 5 or 6 in at most %d; %s"
              .formatted(fields, text.length(), LONGEST, RIGHT));
    }
    CronTimes cron;
    try {
      cron =
          new CronTimes(
              ExecutionTime.forCron(new CronParser(fields == 5 ? MINUTES : SECONDS).parse(text)),
              zone);
    } catch (RuntimeException e) {
      // Whatever a parser may stumble over, the expression is what is wrong.
      throw new IllegalArgumentException(
          "is no cron expression (%s); %s".formatted(reason(e), RIGHT), e);
    }
    if (cron.after(Instant.EPOCH, Instant.EPOCH).isEmpty()) {
      throw new IllegalArgumentException("names a day that no year has; " + RIGHT);
    }
    return cron;
  }

  private static String reason(RuntimeException e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    String text = message.replace("Failed to parse cron expression. ", "").strip();
    return text.endsWith(".") || text.endsWith("!") ? text.substring(0, text.length() - 1) : text;
  }

  @Override
  public Optional<Instant> after(Instant instant, Instant anchor) {
    return times
        .nextExecution(wall(instant).atZone(ZoneOffset.UTC))
        .map(next -> instant(next.toLocalDateTime()));
  }

  /** What the clock on the wall shows, in whole seconds; the second time round, its last second. */
  private LocalDateTime wall(Instant instant) {
    LocalDateTime wall = LocalDateTime.ofInstant(instant, zone).truncatedTo(ChronoUnit.SECONDS);
    ZoneOffsetTransition change = zone.getRules().getTransition(wall);
    boolean again = change != null && change.isOverlap() && !instant.isBefore(change.getInstant());
    return again ? change.getDateTimeBefore().minusSeconds(1) : wall;
  }

  private Instant instant(LocalDateTime wall) {
    ZoneOffsetTransition change = zone.getRules().getTransition(wall);
    return change != null && change.isGap() ? change.getInstant() : wall.atZone(zone).toInstant();
  }
}
