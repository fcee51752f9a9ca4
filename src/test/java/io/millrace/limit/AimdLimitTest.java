package io.millrace.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AimdLimitTest {
  private final AimdLimit limit = new AimdLimit();

  @Test
  void beginsAtFourAndGrowsByOneForEachWindow() {
    assertEquals(4, limit.limit());
    for (int i = 0; i < 4; i++) {
      limit.sample(false, 4, i, i + 1);
    }
    assertEquals(5, limit.limit());
    for (int i = 0; i < 4; i++) {
      limit.sample(false, 5, i, i + 1);
    }
    assertEquals(5, limit.limit());
    assertEquals(6, limit.sample(false, 5, 9, 10));
  }

  @Test
  void refusalsOfOneWindowHalveOnce() {
    AimdLimit wide = new AimdLimit(20, 25);
    for (int i = 0; i < 20; i++) {
      wide.sample(true, 20 - i, 100, 200 + i);
    }
    assertEquals(10, wide.limit());
    assertEquals(5, wide.sample(true, 10, 250, 300));
  }

  @Test
  void whatIsNotUsedDoesNotGrow() {
    for (int i = 0; i < 1_000; i++) {
      limit.sample(false, 3, i, i + 1);
    }
    assertEquals(4, limit.limit());
  }

  @Property
  void staysBetweenOneAndTheMost(@ForAll long seed) {
    AimdLimit any = new AimdLimit();
    Random random = new Random(seed);
    for (long now = 0; now < 2_000; now++) {
      int l = any.sample(random.nextInt(4) == 0, random.nextInt(30), now - random.nextInt(9), now);
      assertTrue(l >= 1 && l <= 25, "limit " + l);
    }
  }

  /** A wall at a number of requests in flight: most of it is used, and it is not run into often. */
  @Property(tries = 50)
  void settlesBelowAWall(@ForAll @IntRange(min = 2, max = 24) int wall) {
    AimdLimit any = new AimdLimit();
    long used = 0;
    int refusals = 0;
    int rounds = 2_000;
    for (long round = 0; round < rounds; round++) {
      int inFlight = any.limit();
      used += Math.min(inFlight, wall);
      refusals += Math.max(0, inFlight - wall);
      for (int i = 0; i < inFlight; i++) {
        any.sample(i >= wall, inFlight, round * 10, round * 10 + 5);
      }
    }
    assertTrue(used >= 0.6 * rounds * wall, "used " + used / rounds + " of " + wall);
    assertTrue(refusals <= rounds / 2, refusals + " refusals");
  }
}
