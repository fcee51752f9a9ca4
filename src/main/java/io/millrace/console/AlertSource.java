package io.millrace.console;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What an alert can be about. Each has a page in {@code docs/runbooks}. */
public enum AlertSource {
  /** Ready jobs of a kind. */
  QUEUE_DEPTH("queueDepth", "ready jobs of kind %s", Unit.COUNT, true),
  /** How long the oldest ready job of a kind has waited. */
  QUEUE_AGE("queueAgeMs", "wait of the oldest ready job of kind %s", Unit.MILLIS, true),
  /** The share of failed attempts in one process. */
  ERROR_RATE("errorRate", "attempts that fail in %s", Unit.SHARE, false),
  /** The share of jobs of a kind that failed for good. */
  FAILURE_RATE("failureRate", "jobs of kind %s that fail for good", Unit.SHARE, true),
  /** Jobs of a kind that failed for good in the last hour. */
  DEAD_LETTERS("deadLetters", "new dead letters of kind %s in an hour", Unit.COUNT, true),
  /** The mean time of a request to Google, in one process. */
  API_TIME("apiMs", "mean time of a request to Google in %s", Unit.MILLIS, false),
  /** The share of the day's units that is used. */
  QUOTA("quota", "use of Google's quota of the day", Unit.SHARE, true),
  /** How much later than planned mailboxes are looked at. */
  LAG("lagMs", "delay of mailboxes", Unit.MILLIS, true),
  /** What a check found. */
  STUCK("stuck", "jobs that check %s found stuck", Unit.COUNT, true),
  /** The share of today's jobs that failed for good. */
  SLA("sla", "share of today's jobs that failed for good", Unit.SHARE, true),
  /** The share of memory that one process uses. */
  MEMORY("memory", "memory in use of %s", Unit.SHARE, false),
  /** What the dearest user has cost today. */
  COST("cost", "cost of the user who costs most today", Unit.MONEY, true);

  /** How a value is read. */
  enum Unit {
    COUNT,
    MILLIS,
    SHARE,
    MONEY;

    String words(double value) {
      return switch (this) {
        case COUNT -> String.format(Locale.ROOT, "%.0f", value);
        case SHARE -> String.format(Locale.ROOT, "%.1f %%", 100 * value);
        case MONEY -> String.format(Locale.ROOT, "%.2f", value);
        case MILLIS ->
            value < 10_000
                ? String.format(Locale.ROOT, "%.0f ms", value)
                : String.format(Locale.ROOT, "%.0f s", value / 1000);
      };
    }
  }

  private static final Map<String, AlertSource> BY_KEY =
      Stream.of(values()).collect(Collectors.toUnmodifiableMap(AlertSource::key, s -> s));

  private final String key;
  private final String what;
  private final Unit unit;
  private final boolean shared;

  AlertSource(String key, String what, Unit unit, boolean shared) {
    this.key = key;
    this.what = what;
    this.unit = unit;
    this.shared = shared;
  }

  /** Its name in the configuration, in the database and in what is sent. */
  public String key() {
    return key;
  }

  /** Whether all processes would see the same, so that one of them looks for all. */
  boolean shared() {
    return shared;
  }

  /** Its page below {@link AlertSettings#runbooks}. */
  public String page() {
    return key.replaceAll("Ms$", "").replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT) + ".md";
  }

  /** What it is about, for a person. */
  String about(String subject) {
    return what.formatted(subject);
  }

  /** A value as a person reads it. */
  String words(double value) {
    return unit.words(value);
  }

  /** Null if there is none of that key. */
  static AlertSource of(String key) {
    return BY_KEY.get(key);
  }
}
