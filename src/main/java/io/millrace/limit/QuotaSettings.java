package io.millrace.limit;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/**
 * How quota is spent: configuration section {@code quota}. Durations are real ones; the time scale
 * divides those that stand for Google's minute and day.
 *
 * @param limits what the profile in force allows
 * @param jitter the longest a request may be under way between its grant and its arrival at Google
 * @param slice the length of the piece of each bucket's timeline that is leased from the database
 * @param yieldAfter a wait for units up to this length is waited by the asker; a longer one yields
 * @param dayZone the time zone in which Google's day turns
 * @param dayPolicy what is done about the threshold of the day
 * @param timeScale by how much the minute and the day are shortened, 1 to 20
 */
public record QuotaSettings(
    QuotaLimits limits,
    Duration jitter,
    Duration slice,
    Duration yieldAfter,
    ZoneId dayZone,
    DayPolicy dayPolicy,
    double timeScale) {
  /** With nothing spent beyond the threshold of the day. */
  public QuotaSettings(
      QuotaLimits limits,
      Duration jitter,
      Duration slice,
      Duration yieldAfter,
      ZoneId dayZone,
      double timeScale) {
    this(limits, jitter, slice, yieldAfter, dayZone, DayPolicy.STOP, timeScale);
  }

  /**
   * The number of Google's calendar day; with a time scale, of a day so much shorter, counted from
   * the epoch.
   */
  public long dayOf(Instant now) {
    return timeScale == 1
        ? now.atZone(dayZone).toLocalDate().toEpochDay()
        : (long) (now.toEpochMilli() * timeScale / 86_400_000);
  }
}
