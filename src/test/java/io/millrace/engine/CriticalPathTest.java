package io.millrace.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.store.Batches.Part;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The longest chain by time, and what the rest waits for. */
class CriticalPathTest {
  private static Part part(long id, String state, long ms, Long... parents) {
    return new Part(id, "k", null, List.of(parents), state, ms, null);
  }

  private static List<Long> ids(CriticalPath path) {
    return path.chain().stream().map(Part::id).toList();
  }

  @Test
  void theChainIsTheOneThatTookLongest() {
    CriticalPath path =
        CriticalPath.of(
            List.of(
                part(1, "completed", 10),
                part(2, "completed", 500, 1L),
                part(3, "completed", 20, 1L),
                part(4, "completed", 5, 2L, 3L, 99L)));
    assertEquals(List.of(1L, 2L, 4L), ids(path));
    assertEquals(515, path.runMs());
    assertNull(path.blocker());
  }

  @Test
  void theBlockerIsWhatTheLongestRestHangsOn() {
    CriticalPath path =
        CriticalPath.of(
            List.of(
                part(1, "completed", 10),
                part(2, "running", 5, 1L),
                part(3, "dead", 0, 1L),
                part(4, "live", 0, 2L),
                part(5, "live", 0, 3L),
                part(6, "live", 0, 5L)));
    assertEquals(3, path.blocker().id());
    assertEquals(List.of(1L, 2L), ids(path).subList(0, 2));
  }

  @Test
  void aSuccessorStandsForTheDeadOne() {
    CriticalPath path =
        CriticalPath.of(
            List.of(
                new Part(1, "k", null, List.of(), "dead", 0, 3L),
                part(2, "live", 0, 1L),
                part(3, "running", 70)));
    assertEquals(3, path.blocker().id());
    assertEquals(List.of(3L, 2L), ids(path));
  }

  @Test
  void aVeryLongChainIsNoTrouble() {
    List<Part> parts =
        LongStream.range(0, 20_000)
            .mapToObj(i -> i == 0 ? part(0, "completed", 1) : part(i, "completed", 1, i - 1))
            .toList();
    assertEquals(20_000, CriticalPath.of(parts).runMs());
    assertEquals(0, CriticalPath.of(List.of()).chain().size());
  }
}
