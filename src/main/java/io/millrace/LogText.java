package io.millrace;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.event.KeyValuePair;

/** What both kinds of log lines are made of, each part bounded. */
final class LogText {
  /** Characters of a message; the bounds together keep a line below 16 KiB of JSON. */
  static final int MESSAGE = 2_000;

  static final int VALUE = 300;
  static final int FIELDS = 16;
  static final int FRAMES = 12;
  static final int FRAME = 120;
  static final int CAUSES = 3;

  private LogText() {}

  static String message(ILoggingEvent event) {
    return cut(String.valueOf(event.getFormattedMessage()), MESSAGE);
  }

  /** The context of the thread, then what the event itself says, by name. */
  static Map<String, Object> fields(ILoggingEvent event) {
    Map<String, Object> fields = new LinkedHashMap<>();
    event.getMDCPropertyMap().forEach((key, value) -> put(fields, key, value));
    if (event.getKeyValuePairs() != null) {
      for (KeyValuePair pair : event.getKeyValuePairs()) {
        put(fields, pair.key, pair.value);
      }
    }
    return fields;
  }

  /** The innermost frames of an exception and of its causes, a line each. */
  static String stack(IThrowableProxy thrown) {
    StringBuilder text = new StringBuilder();
    IThrowableProxy here = thrown;
    for (int depth = 0; here != null && depth < CAUSES; depth++) {
      if (depth > 0) {
        text.append("caused by ").append(title(here)).append('\n');
      }
      StackTraceElementProxy[] frames = here.getStackTraceElementProxyArray();
      int most = depth == 0 ? FRAMES : FRAMES / 2;
      for (int i = 0; i < Math.min(most, frames.length); i++) {
        text.append(cut(frames[i].getSTEAsString(), FRAME)).append('\n');
      }
      if (frames.length > most) {
        text.append("… ").append(frames.length - most).append(" more\n");
      }
      here = here.getCause();
    }
    return text.toString().stripTrailing();
  }

  static String title(IThrowableProxy thrown) {
    return cut(thrown.getClassName() + ": " + thrown.getMessage(), VALUE);
  }

  static String cut(String text, int longest) {
    if (text.length() <= longest) {
      return text;
    }
    // Not between the halves of a character.
    int end = Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest;
    return text.substring(0, end) + "…";
  }

  private static void put(Map<String, Object> fields, String key, Object value) {
    if (fields.size() < FIELDS) {
      boolean plain = value instanceof Number || value instanceof Boolean;
      fields.put(cut(key, 60), plain ? value : cut(String.valueOf(value), VALUE));
    }
  }
}
