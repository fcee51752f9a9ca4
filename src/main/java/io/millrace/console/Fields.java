package io.millrace.console;

import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads the fields of a request, of its query or its body, and gathers what is wrong with them: all
 * faults are told at once. What was not asked for when {@link #end} is called is a fault as well.
 */
final class Fields {
  private final JsonObject given;
  private final boolean texts;
  private final Set<String> asked = new HashSet<>();
  private final List<Problem.Fault> faults = new ArrayList<>();

  /**
   * @param texts whether everything is written as text, as in a query
   */
  Fields(JsonObject given, boolean texts) {
    this.given = given;
    this.texts = texts;
  }

  /**
   * The fields of a filter by which many things are changed: there, null is a fault. Whoever sends
   * it means something that they could not tell, never everything.
   */
  static Fields filter(JsonObject given) {
    Fields fields = new Fields(given, false);
    given
        .fieldNames()
        .forEach(
            name -> {
              if (given.getValue(name) == null) {
                fields.wrong(name, "must not be null; leave it out if it does not matter");
              }
            });
    return fields;
  }

  /** Null if it is not given, or wrong. */
  String text(String name, int most) {
    Object value = value(name);
    if (value == null) {
      return null;
    }
    if (!(value instanceof String text)) {
      wrong(name, "must be a text");
      return null;
    }
    if (text.isBlank() || text.length() > most) {
      wrong(name, "must have 1 to %d characters, not %d".formatted(most, text.length()));
      return null;
    }
    if (text.indexOf('\0') >= 0 || !wellFormed(text)) {
      wrong(name, "must be text without control character 0 or broken characters");
      return null;
    }
    return text;
  }

  private static boolean wellFormed(String text) {
    return text.codePoints().noneMatch(c -> c >= 0xD800 && c <= 0xDFFF);
  }

  Long number(String name, long least, long most) {
    Object value = value(name);
    if (value == null) {
      return null;
    }
    Long number = texts ? parsed(String.valueOf(value)) : whole(value);
    if (number == null || number < least || number > most) {
      wrong(name, "must be a whole number from %d to %d".formatted(least, most));
      return null;
    }
    return number;
  }

  Integer integer(String name, int least, int most) {
    Long number = number(name, least, most);
    return number == null ? null : number.intValue();
  }

  private static Long whole(Object value) {
    return value instanceof Integer || value instanceof Long ? ((Number) value).longValue() : null;
  }

  private static Long parsed(String text) {
    try {
      return text.matches("-?[0-9]{1,19}") ? Long.valueOf(text) : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  Boolean flag(String name) {
    Object value = value(name);
    if (value == null || value instanceof Boolean) {
      return (Boolean) value;
    }
    if (texts && (value.equals("true") || value.equals("false"))) {
      return value.equals("true");
    }
    wrong(name, "must be true or false");
    return null;
  }

  String choice(String name, Collection<String> choices) {
    Object value = value(name);
    if (value == null) {
      return null;
    }
    if (value instanceof String text && choices.contains(text)) {
      return text;
    }
    wrong(name, "must be one of " + String.join(", ", choices));
    return null;
  }

  OffsetDateTime time(String name) {
    Object value = value(name);
    OffsetDateTime time = value instanceof String text ? instant(text) : null;
    if (value != null && time == null) {
      wrong(name, "must be an instant such as 2026-11-22T10:15:00Z");
    }
    return time;
  }

  /** In UTC; null if it is none, or not of the years 1970 to 9999, which PostgreSQL takes. */
  static OffsetDateTime instant(String text) {
    try {
      OffsetDateTime time =
          text.length() > 40
              ? null
              : OffsetDateTime.parse(text).toInstant().atOffset(ZoneOffset.UTC);
      return time != null && time.getYear() >= 1970 && time.getYear() <= 9999 ? time : null;
    } catch (DateTimeException e) {
      return null;
    }
  }

  JsonObject object(String name) {
    Object value = value(name);
    if (value == null || value instanceof JsonObject) {
      return (JsonObject) value;
    }
    wrong(name, "must be a JSON object");
    return null;
  }

  /** The value itself, which was read as something else before. */
  <T> T required(String name, T read) {
    if (read == null && value(name) == null) {
      faults.add(new Problem.Fault(name, "is missing"));
    }
    return read;
  }

  /** Whether it is given at all, be it as null. */
  boolean has(String name) {
    asked.add(name);
    return given.containsKey(name);
  }

  private Object value(String name) {
    asked.add(name);
    return given.getValue(name);
  }

  void wrong(String name, String detail) {
    faults.add(new Problem.Fault(name, detail));
  }

  /** Refuses the request if anything was wrong with it. */
  void end() {
    for (String name : given.fieldNames()) {
      if (!asked.contains(name)) {
        String shown = name.length() > 60 ? name.substring(0, 60) + "…" : name;
        faults.add(
            new Problem.Fault(
                shown,
                asked.isEmpty()
                    ? "is not known here; nothing is"
                    : "is not known here; known are "
                        + String.join(", ", asked.stream().sorted().toList())));
      }
    }
    if (!faults.isEmpty()) {
      throw Problem.wrong(faults.size() > 50 ? faults.subList(0, 50) : faults).exception();
    }
  }
}
