package io.millrace.console;

import io.millrace.store.DeadLetters;
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
    OffsetDateTime at = bar > 0 ? Fields.instant(text.substring(0, bar)) : null;
    String id = text.substring(bar + 1);
    if (at == null || !id.matches("[0-9]{1,18}")) {
      throw wrong();
    }
    return new DeadLetters.Place(at, Long.parseLong(id));
  }

  private static ProblemException wrong() {
    return Problem.wrong(
            List.of(new Problem.Fault("after", "is not what an earlier answer gave as next")))
        .exception();
  }
}
