package io.millrace.sim;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads an mbox once, from start to end, and remembers where each message stands and the little
 * that lists need. A message begins after a line that looks like a mail separator at the start of
 * the file or after an empty line; "From " elsewhere is text. One thread.
 */
final class MboxIndex {
  private static final Pattern SEPARATOR =
      Pattern.compile("From \\S.*\\d{1,2}:\\d{2}.*\\d{4}.*|From .*\\d{4}\\s*");
  private static final Pattern MESSAGE_ID = Pattern.compile("<[^<>\\s]+>");
  private static final int LONGEST_LINE = 64 * 1024;
  private static final int LONGEST_HEAD = 512 * 1024;

  private final TakeoutLabels takeout = new TakeoutLabels();
  private final MessageThreads threads = new MessageThreads();
  private final List<List<String>> labels = new ArrayList<>();
  private long[] offsets = new long[1024];
  private long[] ends = new long[1024];
  private long[] dates = new long[1024];
  private int count;

  private final ByteArrayOutputStream head = new ByteArrayOutputStream();
  private boolean inHead;
  private String separator = "";

  MboxIndex(InputStream file) throws IOException {
    try (InputStream in = new BufferedInputStream(file, 1 << 16)) {
      read(in);
    }
  }

  int count() {
    return count;
  }

  long offset(int message) {
    return offsets[message];
  }

  /** Bytes in the file, escapes and the empty line at the end included. */
  long length(int message) {
    return ends[message] - offsets[message];
  }

  long date(int message) {
    return dates[message];
  }

  List<String> labels(int message) {
    return labels.get(message);
  }

  List<String> userLabels() {
    return takeout.own();
  }

  int thread(int message) {
    return threads.root(message);
  }

  private void read(InputStream in) throws IOException {
    byte[] line = new byte[LONGEST_LINE];
    long at = 0;
    long lineStart = 0;
    int length = 0;
    boolean afterEmpty = true;
    for (int b = in.read(); b >= 0; b = in.read()) {
      at++;
      if (length < LONGEST_LINE) {
        line[length++] = (byte) b;
      }
      if (b == '\n') {
        afterEmpty = line(line, length, lineStart, at, afterEmpty);
        lineStart = at;
        length = 0;
      }
    }
    if (length > 0) {
      line(line, length, lineStart, at, afterEmpty);
    }
    finish(at);
  }

  /** Takes a line with its end; returns whether it is empty. */
  private boolean line(byte[] line, int length, long start, long end, boolean afterEmpty) {
    boolean empty = length == 1 || (length == 2 && line[0] == '\r');
    if (afterEmpty && separates(line, length)) {
      finish(start);
      begin(line, length, end);
      return false;
    }
    if (inHead && empty) {
      inHead = false;
    } else if (inHead && head.size() < LONGEST_HEAD) {
      head.write(line, 0, length);
    }
    return empty;
  }

  private static boolean separates(byte[] line, int length) {
    if (length < 6 || line[0] != 'F' || line[1] != 'r' || line[2] != 'o' || line[4] != ' ') {
      return false;
    }
    String text = new String(line, 0, Math.min(length, 300), StandardCharsets.ISO_8859_1);
    return SEPARATOR.matcher(text.strip()).matches();
  }

  private void begin(byte[] line, int length, long offset) {
    if (count == offsets.length) {
      offsets = Arrays.copyOf(offsets, count * 2);
      ends = Arrays.copyOf(ends, count * 2);
      dates = Arrays.copyOf(dates, count * 2);
    }
    offsets[count] = offset;
    separator = new String(line, 0, Math.min(length, 300), StandardCharsets.ISO_8859_1);
    head.reset();
    inHead = true;
    count++;
  }

  private void finish(long end) {
    if (count == 0) {
      return;
    }
    int message = count - 1;
    ends[message] = end;
    List<Header> headers = headers();
    dates[message] = MailDates.of(Parameters.value(headers, "Date"), separator);
    labels.add(takeout.of(Parameters.value(headers, "X-Gmail-Labels")));
    threads.add(names(headers));
  }

  private static Set<String> names(List<Header> headers) {
    Set<String> names = new LinkedHashSet<>();
    String thread = Parameters.value(headers, "X-GM-THRID").strip();
    if (!thread.isEmpty()) {
      names.add("thread " + thread);
      return names;
    }
    for (String name : List.of("Message-ID", "References", "In-Reply-To")) {
      Matcher ids = MESSAGE_ID.matcher(Parameters.value(headers, name));
      while (ids.find()) {
        names.add(ids.group());
      }
    }
    return names;
  }

  private List<Header> headers() {
    List<Header> headers = new ArrayList<>();
    byte[] text = head.toByteArray();
    int from = 0;
    while (from < text.length) {
      int end = from;
      while (end < text.length && !endsField(text, end)) {
        end++;
      }
      int colon = from;
      while (colon < end && text[colon] != ':') {
        colon++;
      }
      if (colon < end) {
        String name = new String(text, from, colon - from, StandardCharsets.ISO_8859_1);
        headers.add(new Header(name.strip(), MimeTree.unfold(text, colon + 1, end - colon - 1)));
      }
      from = end + 1;
    }
    return headers;
  }

  private static boolean endsField(byte[] text, int at) {
    boolean folds = at + 1 < text.length && (text[at + 1] == ' ' || text[at + 1] == '\t');
    return text[at] == '\n' && !folds;
  }
}
