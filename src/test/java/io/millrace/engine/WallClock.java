package io.millrace.engine;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The reference for cron expressions of five fields: somebody who looks at the clock on the wall
 * each minute, and does what became due since the latest time that he ever saw on it.
 */
final class WallClock {
  private static final List<String> DAYS = List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

  private final BitSet[] fields = new BitSet[5];
  private final boolean both;

  WallClock(String expression) {
    String[] texts = expression.split(" ", -1);
    int[][] bounds = {{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}};
    for (int i = 0; i < 5; i++) {
      fields[i] = values(texts[i], bounds[i][0], bounds[i][1]);
    }
    both = restricted(texts[2]) && restricted(texts[4]);
  }

  /** Every first of them is all of them. */
  private static boolean restricted(String days) {
    return !days.equals("*") && !days.equals("*/1");
  }

  private static BitSet values(String text, int least, int most) {
    BitSet values = new BitSet();
    for (String item : text.split(",", -1)) {
      String[] step = item.split("/", -1);
      int from = least;
      int to = most;
      if (!step[0].equals("*")) {
        String[] range = step[0].split("-", -1);
        from = number(range[0]);
        to = number(range[range.length - 1]);
      }
      for (int v = from; v <= to; v += step.length > 1 ? number(step[1]) : 1) {
        values.set(v);
      }
    }
    return values;
  }

  private static int number(String text) {
    return DAYS.contains(text) ? DAYS.indexOf(text) : Integer.parseInt(text);
  }

  private boolean matches(LocalDateTime time) {
    int weekday = time.getDayOfWeek().getValue();
    boolean dayOfWeek = fields[4].get(weekday) || (weekday == 7 && fields[4].get(0));
    boolean day = fields[2].get(time.getDayOfMonth());
    return fields[0].get(time.getMinute())
        && fields[1].get(time.getHour())
        && fields[3].get(time.getMonthValue())
        && (both ? day || dayOfWeek : day && dayOfWeek);
  }

  /** The times after {@code from}, up to and including {@code to}; both are whole minutes. */
  List<Instant> times(ZoneId zone, Instant from, Instant to) {
    List<Instant> times = new ArrayList<>();
    // A day before, so that a time which comes again is known.
    LocalDateTime latest = LocalDateTime.ofInstant(from.minus(1, ChronoUnit.DAYS), zone);
    for (Instant now = from.minus(1, ChronoUnit.DAYS);
        !now.isAfter(to);
        now = now.plusSeconds(60)) {
      LocalDateTime wall = LocalDateTime.ofInstant(now, zone);
      boolean due = false;
      while (latest.isBefore(wall)) {
        latest = latest.plusMinutes(1);
        due |= matches(latest);
      }
      if (due && now.isAfter(from)) {
        times.add(now);
      }
    }
    return times;
  }
}
