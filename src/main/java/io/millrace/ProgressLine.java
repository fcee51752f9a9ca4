package io.millrace;

import java.time.Duration;
import java.util.Locale;

/** One mailbox as one line of text: pure, no terminal. */
final class ProgressLine {
  private static final int NAME = 24;
  private static final int STATE = 18;
  private static final int BAR_AT_MOST = 40;

  private ProgressLine() {}

  /** With a bar, never longer than {@code width}. */
  static String bar(MailboxProgress p, int width) {
    String numbers =
        String.format(Locale.ROOT, "%6s %15s  %s", percent(p), counts(p), cut(tail(p), STATE + 22));
    String name = String.format(Locale.ROOT, "%-" + NAME + "s", cut(p.mailbox(), NAME));
    int room = Math.min(BAR_AT_MOST, width - NAME - 50 - STATE);
    String bar = room < 8 ? " " : " [" + filled(p, room) + "] ";
    return cut(name + bar + numbers, width - 1);
  }

  /** Without a bar, for logs and pipes. */
  static String plain(MailboxProgress p) {
    return (p.mailbox() + " " + percent(p).strip() + " " + counts(p) + " " + tail(p)).strip();
  }

  private static String filled(MailboxProgress p, int room) {
    int full = (int) Math.floor(fraction(p) * room);
    return "█".repeat(full) + "·".repeat(room - full);
  }

  /** A total is an estimate, which may turn out too low; 100 % is said only of what is done. */
  private static double fraction(MailboxProgress p) {
    return p.total() <= 0 ? 0 : Math.max(0, Math.min(1, (double) p.done() / p.total()));
  }

  private static String percent(MailboxProgress p) {
    if (p.total() <= 0) {
      return "";
    }
    double floor = Math.floor(fraction(p) * 1000) / 10;
    return String.format(Locale.ROOT, "%.1f%%", floor);
  }

  private static String counts(MailboxProgress p) {
    return p.total() <= 0 ? String.valueOf(p.done()) : p.done() + "/" + p.total();
  }

  private static String tail(MailboxProgress p) {
    StringBuilder text = new StringBuilder(cut(p.state(), STATE));
    if (p.perSecond() > 0) {
      text.append(String.format(Locale.ROOT, " %.1f/s", p.perSecond()));
    }
    if (p.eta() != null) {
      text.append(" ").append(duration(p.eta())).append(" left");
    }
    return text.toString();
  }

  /** Two units at the most: 45s, 3m20s, 5h40m, 2d4h. */
  static String duration(Duration d) {
    long s = Math.max(0, d.toSeconds());
    if (s < 60) {
      return s + "s";
    }
    if (s < 3600) {
      return s / 60 + "m" + s % 60 + "s";
    }
    return s < 86_400
        ? s / 3600 + "h" + s % 3600 / 60 + "m"
        : s / 86_400 + "d" + s % 86_400 / 3600 + "h";
  }

  /** Names of mailboxes come from outside: no control characters reach a terminal. */
  static String cut(String text, int longest) {
    String clean = text.replaceAll("\\p{Cntrl}", " ");
    int length = clean.codePointCount(0, clean.length());
    return length <= longest
        ? clean
        : clean.substring(0, clean.offsetByCodePoints(0, Math.max(0, longest - 1))) + "…";
  }
}
