package io.millrace.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The cross product, its keys, and what is refused. */
class FanOutTest {
  @Test
  void eachCombinationIsAUnitWithAKeyThatStays() {
    FanOut fanOut =
        FanOut.over("region", List.of("eu", "us")).by("question", List.of("why?", "a;b=c"));
    assertEquals(
        List.of(
            "region=eu;question=why%3F",
            "region=eu;question=a%3Bb%3Dc",
            "region=us;question=why%3F",
            "region=us;question=a%3Bb%3Dc"),
        fanOut.units().stream().map(FanOut.Unit::key).toList());
    assertEquals(Map.of("region", "us", "question", "why?"), fanOut.units().get(2).at());
    assertEquals(fanOut.units(), FanOut.of(fanOut.toJson()).units());
  }

  @Test
  void whatIsWrongOrTooMuchIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> FanOut.over("a b", List.of("x")));
    assertThrows(IllegalArgumentException.class, () -> FanOut.over("a", List.of()));
    assertThrows(IllegalArgumentException.class, () -> FanOut.over("a", List.of("x", "x")));
    FanOut one = FanOut.over("a", IntStream.range(0, 101).mapToObj(String::valueOf).toList());
    assertThrows(IllegalArgumentException.class, () -> one.by("a", List.of("x")));
    String words =
        assertThrows(
                IllegalArgumentException.class,
                () -> one.by("b", IntStream.range(0, 100).mapToObj(String::valueOf).toList()))
            .getMessage();
    assertTrue(words.contains("10100"), words);
    assertThrows(IllegalArgumentException.class, () -> FanOut.over("a", List.of("x".repeat(500))));
  }
}
