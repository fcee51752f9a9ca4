package io.millrace.sim;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.DecoderUtil;

/**
 * Which messages a list is to hold: label ids and Gmail's search words. Ages such as {@code
 * newer_than:30d} count back from the newest message the mailbox began with, so that a run can be
 * repeated on any day.
 */
final class ListQuery {
  private static final Pattern WORD =
      Pattern.compile("(-?)(?:([a-z_]+):)?(?:\"([^\"]*)\"|(\\S+))", Pattern.CASE_INSENSITIVE);
  private static final Pattern AGE = Pattern.compile("(\\d{1,6})([hdmy])");
  private static final long DAY = 86_400_000;

  private interface Term {
    boolean test(int index);
  }

  private final Mailbox mailbox;
  private final List<String> labelIds;
  private final List<Term> cheap = new ArrayList<>();
  private final List<Term> reading = new ArrayList<>();
  private boolean everything;

  ListQuery(Mailbox mailbox, List<String> labelIds, boolean includeSpamTrash, String q) {
    this.mailbox = mailbox;
    this.labelIds = labelIds;
    this.everything = includeSpamTrash || labelIds.contains("SPAM") || labelIds.contains("TRASH");
    Matcher words = WORD.matcher(q == null ? "" : q);
    while (words.find()) {
      String value = words.group(3) != null ? words.group(3) : words.group(4);
      String name = words.group(2) == null ? "" : words.group(2).toLowerCase(Locale.ROOT);
      add(!words.group(1).isEmpty(), name, value);
    }
  }

  boolean test(int index) {
    for (Term term : cheap) {
      if (!term.test(index)) {
        return false;
      }
    }
    if (!everything || !labelIds.isEmpty()) {
      List<String> labels = mailbox.labels(index);
      if (!labels.containsAll(labelIds)
          || (!everything && (labels.contains("SPAM") || labels.contains("TRASH")))) {
        return false;
      }
    }
    for (Term term : reading) {
      if (!term.test(index)) {
        return false;
      }
    }
    return true;
  }

  /** How many messages to look at for one page before it is given as it is. */
  int span() {
    return reading.isEmpty() ? 100_000 : mailbox.store().searchSpan();
  }

  private void add(boolean not, String name, String value) {
    boolean reads = false;
    Term term;
    switch (name) {
      case "in", "label", "is", "category" -> term = label(name, value, not);
      case "after", "newer" -> {
        long from = instant(value);
        term = i -> mailbox.store().date(i) >= from;
      }
      case "before", "older" -> {
        long to = instant(value);
        term = i -> mailbox.store().date(i) < to;
      }
      case "newer_than" -> {
        long from = newest() - age(value);
        term = i -> mailbox.store().date(i) >= from;
      }
      case "older_than" -> {
        long to = newest() - age(value);
        term = i -> mailbox.store().date(i) < to;
      }
      case "from", "subject", "to", "cc" -> {
        reads = true;
        term = i -> headersContain(i, value, name);
      }
      case "has" -> {
        reads = true;
        term = i -> mailbox.store().mail(i).mimeType().equals("multipart/mixed");
      }
      default -> {
        reads = true;
        term =
            i -> headersContain(i, name.isEmpty() ? value : name + ":" + value, "subject", "from");
      }
    }
    Term meant = term;
    (reads ? reading : cheap).add(not ? i -> !meant.test(i) : meant);
  }

  private Term label(String name, String value, boolean not) {
    String wanted = value.toUpperCase(Locale.ROOT);
    if (name.equals("in") && wanted.equals("ANYWHERE")) {
      everything = true;
      return i -> !not;
    }
    if (!not && (wanted.equals("SPAM") || wanted.equals("TRASH"))) {
      everything = true;
    }
    if (name.equals("is") && wanted.equals("READ")) {
      return i -> !mailbox.labels(i).contains("UNREAD");
    }
    String id = name.equals("category") ? "CATEGORY_" + wanted : Labels.idOf(mailbox, value);
    return i -> mailbox.labels(i).contains(id);
  }

  private boolean headersContain(int index, String text, String... names) {
    String wanted = text.toLowerCase(Locale.ROOT);
    for (Header header : mailbox.store().mail(index).headers()) {
      for (String name : names) {
        if (header.name().equalsIgnoreCase(name)
            && DecoderUtil.decodeEncodedWords(header.value(), DecodeMonitor.SILENT)
                .toLowerCase(Locale.ROOT)
                .contains(wanted)) {
          return true;
        }
      }
    }
    return false;
  }

  private long newest() {
    return mailbox.store().size() == 0 ? 0 : mailbox.store().date(0);
  }

  private static long age(String value) {
    Matcher age = AGE.matcher(value.toLowerCase(Locale.ROOT));
    if (!age.matches()) {
      throw Params.invalid("q", value);
    }
    long unit =
        switch (age.group(2)) {
          case "h" -> DAY / 24;
          case "m" -> 30 * DAY;
          case "y" -> 365 * DAY;
          default -> DAY;
        };
    return Long.parseLong(age.group(1)) * unit;
  }

  private static long instant(String value) {
    try {
      if (value.matches("\\d{5,12}")) {
        return Long.parseLong(value) * 1000;
      }
      List<String> date = List.of(value.split("[/-]", -1));
      return LocalDate.of(
              Integer.parseInt(date.get(0)),
              Integer.parseInt(date.get(1)),
              Integer.parseInt(date.get(2)))
          .atStartOfDay(ZoneOffset.UTC)
          .toInstant()
          .toEpochMilli();
    } catch (DateTimeException | NumberFormatException | IndexOutOfBoundsException e) {
      throw Params.invalid("q", value);
    }
  }
}
