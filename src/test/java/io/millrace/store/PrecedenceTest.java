package io.millrace.store;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Circles are found and named, however long; what is none is let through. */
class PrecedenceTest {
  @Test
  void whatStandsInAnyOrderMayWaitForWhatStandsInAnyOther() {
    assertDoesNotThrow(
        () -> Precedence.check(List.of(List.of(1, 2), List.of(2), List.of(), List.of(0, 0))));
    assertDoesNotThrow(() -> Precedence.check(List.of()));
  }

  @Test
  void aCircleIsNamed() {
    assertEquals(
        "Jobs of the call wait for each other in a circle: 1 → 3 → 2 → 1.",
        refused(List.of(List.of(1), List.of(3), List.of(1), List.of(4, 2), List.of())));
    assertEquals(
        "Jobs of the call wait for each other in a circle: 0 → 0.", refused(List.of(List.of(0))));
  }

  @Test
  void aLongCircleIsNamedInShort() {
    int n = 100_000;
    String words = refused(IntStream.range(0, n).mapToObj(i -> List.of((i + 1) % n)).toList());
    assertTrue(words.contains("0 → 1 → 2") && words.contains("… → 0"), words);
    assertTrue(words.length() < 300, words);
  }

  @Test
  void aPlaceThatIsNoneIsNamed() {
    assertEquals(
        "Job 1 of the call waits for job 2; the call has jobs 0 to 1.",
        refused(List.of(List.of(), List.of(2))));
    assertEquals(
        "Job 0 of the call waits for job -1; the call has jobs 0 to 0.",
        refused(List.of(List.of(-1))));
  }

  private static String refused(List<List<Integer>> parents) {
    return assertThrows(IllegalArgumentException.class, () -> Precedence.check(parents))
        .getMessage();
  }
}
