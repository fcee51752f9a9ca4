package io.millrace.google;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Finds the instant before which Google wants no call. Pure; any input is fine. */
final class RetryAfter {
  /** Google names some fifteen minutes; more than a day is a mistake of somebody's. */
  private static final Duration LONGEST = Duration.ofHours(24);

  private static final Duration SKEW = Duration.ofSeconds(30);

  private static final String IN_MESSAGE = "retry after ";

  private RetryAfter() {}

  /**
   * The later of what the header and the message name.
   *
   * @param header {@code Retry-After}, seconds or an HTTP date; may be null
   * @param message the error's text; may be null
   * @param delay {@code retryDelay} of the error's details, like {@code 12s}; may be null
   * @return after {@code now} and at most a day later, or null if none is named
   */
  static Instant find(String header, String message, String delay, Instant now) {
    Instant until = later(later(header(header, now), message(message)), seconds(delay, "s", now));
    if (until == null || !until.isAfter(now)) {
      return null;
    }
    Instant latest = now.plus(LONGEST);
    return until.isAfter(latest) ? latest : until;
  }

  /**
   * The same, by our own clock where the answer's {@code Date} shows that Google's differs from it
   * by more than a proxy or a slow answer explains: a call before Google's instant would begin the
   * wait anew.
   *
   * @param date {@code Date} of the answer; may be null
   */
  static Instant find(String header, String message, String delay, String date, Instant now) {
    Instant there = date == null ? null : date(date);
    if (there == null || Duration.between(there, now).abs().compareTo(SKEW) < 0) {
      return find(header, message, delay, now);
    }
    Instant until = find(header, message, delay, there);
    return until == null ? null : now.plus(Duration.between(there, until));
  }

  static Instant later(Instant a, Instant b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.isAfter(b) ? a : b;
  }

  private static Instant header(String value, Instant now) {
    Instant seconds = seconds(value, "", now);
    return value == null || seconds != null ? seconds : date(value);
  }

  private static Instant date(String value) {
    try {
      return DateTimeFormatter.RFC_1123_DATE_TIME.parse(value.strip(), Instant::from);
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static Instant seconds(String value, String suffix, Instant now) {
    if (value == null) {
      return null;
    }
    String text = value.strip();
    if (text.isEmpty() || !text.endsWith(suffix)) {
      return null;
    }
    try {
      double seconds = Double.parseDouble(text.substring(0, text.length() - suffix.length()));
      if (!(seconds > 0)) {
        return null;
      }
      return now.plusMillis((long) Math.min(seconds * 1000, 2.0 * LONGEST.toMillis()));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static Instant message(String text) {
    if (text == null) {
      return null;
    }
    int at = text.toLowerCase(Locale.ROOT).indexOf(IN_MESSAGE);
    if (at < 0) {
      return null;
    }
    int from = Math.min(text.length(), at + IN_MESSAGE.length());
    int to = from;
    while (to < text.length() && "0123456789-:.TtZz+".indexOf(text.charAt(to)) >= 0) {
      to++;
    }
    while (to > from && text.charAt(to - 1) == '.') {
      to--;
    }
    try {
      return DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text.substring(from, to), Instant::from);
    } catch (DateTimeException e) {
      return null;
    }
  }
}
