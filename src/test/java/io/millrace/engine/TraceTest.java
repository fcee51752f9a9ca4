package io.millrace.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.NewJob;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

/** A trace goes from job to job, and into every log line of a run. */
class TraceTest {
  private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  @Test
  void aStepKeepsTheTraceAndHasASpanOfItsOwn() {
    TraceParent parent = TraceParent.parse(PARENT).orElseThrow();
    assertEquals(PARENT, parent.toString());
    TraceParent child = parent.child();
    assertEquals(parent.trace(), child.trace());
    assertNotEquals(parent.span(), child.span());
    assertEquals(child, TraceParent.parse(child.toString()).orElseThrow());
    assertTrue(TraceParent.parse(TraceParent.fresh().toString()).isPresent());
    assertEquals(PARENT, NewJob.of(1, "kind", "{}").traced(PARENT).once("key").trace());
  }

  @ParameterizedTest
  @NullAndEmptySource
  @ValueSource(
      strings = {
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "nonsense",
      })
  void whatIsNoTraceIsNone(String text) {
    assertTrue(TraceParent.parse(text).isEmpty());
  }

  @Test
  void everyLineOfARunNamesIt() {
    try (LogLines lines = LogLines.of("io.millrace.job.trace-test")) {
      RunLogger logger =
          new RunLogger("io.millrace.job.trace-test", () -> Map.of("job", 7L, "trace", "abc"));
      logger.warn("one {}", 1);
      logger.atError().addKeyValue("more", true).log("two");
      logger.debug("not at this level {}", "x");
      for (var event : lines.events()) {
        Map<String, Object> fields = new HashMap<>();
        event.getKeyValuePairs().forEach(pair -> fields.put(pair.key, pair.value));
        assertEquals(7L, fields.get("job"));
        assertEquals("abc", fields.get("trace"));
      }
      assertEquals("one 1", lines.all().get(0));
      assertTrue(lines.all().contains("two"));
    }
  }
}
