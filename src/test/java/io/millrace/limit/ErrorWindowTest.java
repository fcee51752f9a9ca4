package io.millrace.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ErrorWindowTest {
  @Test
  void fewCallsSayNothingAndHalfIsEnough() {
    ErrorWindow window = new ErrorWindow(1_000);
    for (int i = 0; i < 9; i++) {
      window.add(true, 500);
    }
    assertFalse(window.failing(0.5, 10, 500));
    for (int i = 0; i < 9; i++) {
      window.add(false, 510);
    }
    assertTrue(window.failing(0.5, 10, 510));
    window.add(false, 510);
    assertFalse(window.failing(0.5, 10, 510));
  }

  @Test
  void whatIsOldIsForgotten() {
    ErrorWindow window = new ErrorWindow(1_000);
    for (int i = 0; i < 10; i++) {
      window.add(true, 500);
    }
    assertTrue(window.failing(0.5, 10, 1_399));
    assertFalse(window.failing(0.5, 10, 1_500));
    window.add(true, Long.MAX_VALUE / 2);
    window.clear();
    assertFalse(window.failing(0, 1, Long.MAX_VALUE / 2));
  }

  /** Against a list of all calls, of which those in the window's ten steps count. */
  @Property(tries = 300)
  void countsWhatAListCounts(@ForAll long seed) {
    record Call(long at, boolean failed) {}
    Random random = new Random(seed);
    List<Call> all = new ArrayList<>();
    long now = random.nextLong() >> 8;
    ErrorWindow window = new ErrorWindow(1_000);
    for (int i = 0; i < 300; i++) {
      now += random.nextInt(random.nextInt(20) == 0 ? 2_000 : 100);
      Call call = new Call(now, random.nextBoolean());
      all.add(call);
      window.add(call.failed(), now);
      long oldest = Math.floorDiv(now, 100) - 9;
      long calls = all.stream().filter(c -> Math.floorDiv(c.at(), 100) >= oldest).count();
      long failures =
          all.stream().filter(c -> c.failed() && Math.floorDiv(c.at(), 100) >= oldest).count();
      assertEquals(calls >= 10 && 2 * failures >= calls, window.failing(0.5, 10, now));
    }
  }
}
