package io.millrace.sim;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds out when a message was sent, from Date headers as they are found in real mail. */
final class MailDates {
  /** For mail that says nothing at all: 1 January 2000. */
  static final long UNKNOWN = 946_684_800_000L;

  private static final Pattern HEADER =
      Pattern.compile(
          "(\\d{1,2})[ -]+([A-Za-z]{3})[a-z]*[ -]+(\\d{2,4})\\s+(\\d{1,2}):(\\d{2})"
              + "(?::(\\d{2}))?\\s*([+-]\\d{4}|[A-Za-z]+)?");
  private static final Pattern FROM_LINE =
      Pattern.compile(
          "([A-Z][a-z]{2}) +(\\d{1,2}) +(\\d{1,2}):(\\d{2})(?::(\\d{2}))?"
              + "( [+-]\\d{4})?(?: [A-Z]+)? +(\\d{4})");
  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
  private static final Map<String, Integer> ZONES =
      Map.of(
          "EST", -5, "EDT", -4, "CST", -6, "CDT", -5, "MST", -7, "MDT", -6, "PST", -8, "PDT", -7);

  private MailDates() {}

  /** Milliseconds of Unix time: from the header, else from the mbox separator, else fixed. */
  static long of(String dateHeader, String fromLine) {
    Long date = header(dateHeader);
    date = date == null ? separator(fromLine) : date;
    return date == null ? UNKNOWN : date;
  }

  private static Long header(String text) {
    Matcher m = HEADER.matcher(text);
    if (!m.find()) {
      return null;
    }
    int year = Integer.parseInt(m.group(3));
    year += year < 50 ? 2000 : year < 1000 ? 1900 : 0;
    return instant(year, m.group(2), m.group(1), m.group(4), m.group(5), m.group(6), m.group(7));
  }

  private static Long separator(String text) {
    Matcher m = FROM_LINE.matcher(text);
    if (!m.find()) {
      return null;
    }
    int year = Integer.parseInt(m.group(7));
    String zone = m.group(6) == null ? null : m.group(6).strip();
    return instant(year, m.group(1), m.group(2), m.group(3), m.group(4), m.group(5), zone);
  }

  private static Long instant(
      int year, String month, String day, String hour, String minute, String second, String zone) {
    try {
      LocalDateTime time =
          LocalDateTime.of(
              year,
              MONTHS.indexOf(month.toLowerCase(Locale.ROOT)) + 1,
              Integer.parseInt(day),
              Integer.parseInt(hour),
              Integer.parseInt(minute),
              second == null ? 0 : Math.min(59, Integer.parseInt(second)));
      long millis = time.toInstant(ZoneOffset.UTC).toEpochMilli() - minutes(zone) * 60_000L;
      return year < 1970 || year > 2100 ? null : millis;
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static int minutes(String zone) {
    if (zone == null) {
      return 0;
    }
    if (zone.charAt(0) != '+' && zone.charAt(0) != '-') {
      return 60 * ZONES.getOrDefault(zone.toUpperCase(Locale.ROOT), 0);
    }
    int digits = Integer.parseInt(zone.substring(1));
    int minutes = digits / 100 * 60 + digits % 100;
    return zone.charAt(0) == '-' ? -minutes : minutes;
  }
}
