package io.millrace.pipeline;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Date headers as they come: RFC 5322 with its obsolete forms, asctime, ISO 8601.
 *
 * <p>Words are recognised by their looks, not their place; a zone that says nothing is UTC.
 */
final class MailDate {
  private static final int MAX_LENGTH = 200;
  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

  /** Zone names in whole hours; those of the military mean nothing reliable (RFC 5322, 4.3). */
  private static final Map<String, Integer> ZONES =
      Map.ofEntries(
          Map.entry("est", -5),
          Map.entry("edt", -4),
          Map.entry("cst", -6),
          Map.entry("cdt", -5),
          Map.entry("mst", -7),
          Map.entry("mdt", -6),
          Map.entry("pst", -8),
          Map.entry("pdt", -7),
          Map.entry("bst", 1),
          Map.entry("wet", 0),
          Map.entry("west", 1),
          Map.entry("cet", 1),
          Map.entry("met", 1),
          Map.entry("mez", 1),
          Map.entry("cest", 2),
          Map.entry("mest", 2),
          Map.entry("mesz", 2),
          Map.entry("eet", 2),
          Map.entry("eest", 3),
          Map.entry("msk", 3),
          Map.entry("hkt", 8),
          Map.entry("sgt", 8),
          Map.entry("jst", 9),
          Map.entry("kst", 9),
          Map.entry("aest", 10),
          Map.entry("nzst", 12));

  private int day = -1;
  private int month = -1;
  private int year = -1;
  private int[] time;
  private ZoneOffset zone;

  private MailDate() {}

  /** Total: null when the value is null or no date can be made out. */
  static Instant parse(String value) {
    if (value == null) {
      return null;
    }
    String text = Clean.line(value, MAX_LENGTH);
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      try {
        return new MailDate().read(text);
      } catch (DateTimeException | NumberFormatException f) {
        return null;
      }
    }
  }

  private Instant read(String text) {
    for (String word : words(text)) {
      take(word);
    }
    if (day < 0 || month < 0 || year < 0) {
      return null;
    }
    int[] clock = time == null ? new int[3] : time;
    // A leap second is the second after it; the Java calendar has none.
    boolean leap = clock[2] == 60;
    return LocalDateTime.of(year, month, day, clock[0], clock[1], leap ? 59 : clock[2])
        .plusSeconds(leap ? 1 : 0)
        .toInstant(zone == null ? ZoneOffset.UTC : zone);
  }

  /** Splits at spaces and commas, and at hyphens between a day, a month's name and a year. */
  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    int depth = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i < text.length() ? text.charAt(i) : ' ';
      depth += c == '(' ? 1 : 0;
      boolean hyphen = c == '-' && !word.isEmpty() && i + 1 < text.length();
      boolean split = c == ' ' || c == ',' || c == '(' || c == ')' || hyphen;
      if (!split && depth == 0) {
        word.append(c);
      } else if (!word.isEmpty()) {
        words.add(word.toString());
        word.setLength(0);
        // 12:00:00-0500: the sign belongs to the zone.
        if (hyphen && words.get(words.size() - 1).indexOf(':') > 0) {
          word.append(c);
        }
      }
      depth -= c == ')' && depth > 0 ? 1 : 0;
    }
    return words;
  }

  private void take(String word) {
    char first = word.charAt(0);
    if ((first == '+' || first == '-') && word.length() > 1) {
      zone = zone == null ? offset(word) : zone;
    } else if (word.indexOf(':') > 0 && isDigit(first)) {
      takeTime(word);
    } else if (isDigit(first)) {
      takeNumber(word);
    } else {
      takeName(word.toLowerCase(Locale.ROOT));
    }
  }

  private void takeTime(String word) {
    int plus = word.indexOf('+');
    String[] fields = (plus < 0 ? word : word.substring(0, plus)).split(":", 4);
    if (time == null && fields.length > 1) {
      int seconds = fields.length > 2 ? leadingNumber(fields[2]) : 0;
      time = new int[] {leadingNumber(fields[0]), leadingNumber(fields[1]), seconds};
    }
    if (plus > 0) {
      take(word.substring(plus));
    }
  }

  private void takeNumber(String word) {
    int number = leadingNumber(word);
    if (day < 0 && word.length() <= 2) {
      day = number;
    } else if (year < 0) {
      // RFC 5322, 4.3: two digits below 50 are this century's, three count from 1900.
      int base = word.length() <= 2 && number < 50 ? 2000 : number < 1000 ? 1900 : 0;
      year = base + number;
    }
  }

  private void takeName(String word) {
    int named = word.length() < 3 ? -1 : MONTHS.indexOf(word.substring(0, 3));
    if (named >= 0 && month < 0) {
      month = named + 1;
    } else if (zone == null && ZONES.containsKey(word)) {
      zone = ZoneOffset.ofHours(ZONES.get(word));
    }
  }

  /** From {@code +0530}, {@code +05:30} or {@code +5}; null when it is out of all bounds. */
  private static ZoneOffset offset(String word) {
    String digits = word.substring(1).replace(":", "");
    int number = leadingNumber(digits);
    int minutes = digits.length() <= 2 ? number * 60 : number / 100 * 60 + number % 100;
    return minutes > 18 * 60
        ? null
        : ZoneOffset.ofTotalSeconds((word.charAt(0) == '-' ? -60 : 60) * minutes);
  }

  private static int leadingNumber(String word) {
    int end = 0;
    while (end < word.length() && end < 5 && isDigit(word.charAt(end))) {
      end++;
    }
    return Integer.parseInt(word.substring(0, end));
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
