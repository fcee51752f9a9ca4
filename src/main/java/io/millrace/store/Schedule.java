package io.millrace.store;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A job that is enqueued again and again.
 *
 * @param name what it is known by, over all processes: small letters, digits, _ and -, at most 63
 * @param user whose jobs they are; 0 for nobody in particular
 * @param kind the name of their kind
 * @param priority theirs, −10 to 10
 * @param payload theirs, JSON, at most {@link #MAX_PAYLOAD} characters
 * @param spec when: {@code cron: 0 6 * * *} or {@code every: PT15M}; the engine reads it
 * @param zone the time zone in which a cron expression is meant
 * @param misfire what becomes of runs that were missed
 * @param paused whether nothing is enqueued until somebody resumes it
 */
public record Schedule(
    String name,
    long user,
    String kind,
    int priority,
    String payload,
    String spec,
    String zone,
    Misfire misfire,
    boolean paused) {
  /** Small, because catching up may enqueue it a thousand times in one statement. */
  public static final int MAX_PAYLOAD = 16_384;

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");

  /** Refuses what no schedule can have; spec, zone and kind are the engine's to judge. */
  public Schedule {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "A schedule cannot be named \"%s\": a name has 1 to 63 small letters, digits, _ and -, and begins with a letter or digit."
              .formatted(name.length() > 100 ? name.substring(0, 100) + "…" : name));
    }
    if (priority < -10 || priority > 10) {
      throw new IllegalArgumentException(
          "Schedule %s: priority = %d: must be from -10 to 10.".formatted(name, priority));
    }
    if (payload.length() > MAX_PAYLOAD) {
      throw new IllegalArgumentException(
          "Schedule %s: payload has %d characters: must be at most %d; what is larger belongs into a table."
              .formatted(name, payload.length(), MAX_PAYLOAD));
    }
    Objects.requireNonNull(kind);
    Objects.requireNonNull(spec);
    Objects.requireNonNull(zone);
    Objects.requireNonNull(misfire);
  }

  /** A schedule in UTC that makes up for missed runs by one, of jobs without a payload. */
  public static Schedule of(String name, String kind, String spec) {
    return new Schedule(name, 0, kind, 0, "{}", spec, "UTC", Misfire.ONCE, false);
  }
}
