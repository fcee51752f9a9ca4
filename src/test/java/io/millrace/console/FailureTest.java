package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.pgclient.PgException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is the fault of a request is told as that, and nothing of how it came about. */
class FailureTest {
  @ParameterizedTest
  @ValueSource(strings = {"22008", "22003", "22P05", "23514"})
  void aValueThatTheDatabaseRefusesIsTheFaultOfWhoSentIt(String state) {
    PgException e = new PgException("secret detail of " + state, "ERROR", state, null);
    Problem problem = Failure.of(e, "a test");
    assertEquals(422, problem.status());
    assertFalse(problem.detail().contains("secret"), problem.detail());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+294277-01-03T00:00:00Z_1",
        "-0044-03-15T00:00:00Z_1",
        "2026-01-01T00:00:00Z_",
        "2026-01-01T00:00:00Z_-1",
        "_1",
        "x"
      })
  void aPlaceThatNobodyToldIsRefused(String text) {
    ProblemException e = assertThrows(ProblemException.class, () -> Cursor.read(text));
    assertEquals(400, e.problem().status());
  }

  @Test
  void aPlaceIsReadAsItWasTold() {
    String text = "2026-01-01T00:00:00.123456Z_17";
    assertEquals(text, Cursor.of(Cursor.read(text)));
  }
}
