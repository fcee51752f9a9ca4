package io.millrace.console;

import io.millrace.store.DeadLetters;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.List;

/** Where a page of dead letters ended, as text that means nothing to whoever sends it back. */
final class Cursor {
  private Cursor() {}

  static String of(DeadLetters.Place place) {
    return place.at().toInstant() + "_" + place.id();
  }

  /** Null for null. */
  static DeadLetters.Place read(String text) {
    if (text == null) {
      return null;
    }
    int bar = text.indexOf('_');
    try {
      if (bar > 0 && text.length() < 80) {
        return new DeadLetters.Place(
            OffsetDateTime.parse(text.substring(0, bar)), Long.parseLong(text.substring(bar + 1)));
      }
    } catch (DateTimeException | NumberFormatException e) {
      throw wrong();
    }
    throw wrong();
  }

  private static ProblemException wrong() {
    return Problem.wrong(
            List.of(new Problem.Fault("after", "is not what an earlier answer gave as next")))
        .exception();
  }
}
