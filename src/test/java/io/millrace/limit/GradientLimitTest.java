package io.millrace.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class GradientLimitTest {
  private static final long MS = 1_000_000;

  private static int feed(GradientLimit limit, int calls, long latency, int busy) {
    for (int i = 0; i < calls; i++) {
      limit.sample(false, latency, busy);
    }
    return limit.limit();
  }

  @Test
  void growsWhileThereIsNoQueue() {
    GradientLimit limit = new GradientLimit(4, 1, 50);
    assertEquals(50, feed(limit, 1_900, 10 * MS, 50));
  }

  @Test
  void doesNotGrowUnused() {
    assertEquals(10, feed(new GradientLimit(10, 1, 50), 1_900, 10 * MS, 4));
  }

  @Test
  void shrinksWhenTheLatencyRises() {
    GradientLimit limit = new GradientLimit(20, 1, 20);
    feed(limit, 500, 10 * MS, 20);
    assertTrue(feed(limit, 60, 60 * MS, 20) < 15);
  }

  @Test
  void shrinksWhenCallsFail() {
    GradientLimit limit = new GradientLimit(20, 2, 20);
    for (int i = 0; i < 400; i++) {
      limit.sample(true, 1, 20);
    }
    assertEquals(2, limit.limit());
  }

  @Test
  void aServiceThatIsSlowerForGoodIsLearntAnew() {
    GradientLimit limit = new GradientLimit(20, 1, 20);
    feed(limit, 500, 10 * MS, 20);
    assertTrue(feed(limit, 400, 60 * MS, 20) < 10);
    assertEquals(20, feed(limit, 1_000, 60 * MS, 20));
  }

  /** A service that serves so many at once and queues the rest: latency tells its capacity. */
  @Property(tries = 30)
  void staysNearACapacityThatNobodyTold(
      @ForAll @IntRange(min = 4, max = 40) int capacity, @ForAll long seed) {
    Random random = new Random(seed);
    GradientLimit limit = new GradientLimit(4, 1, 200);
    long sum = 0;
    for (int i = 0; i < 4_000; i++) {
      int busy = limit.limit();
      double latency = 10 * MS * Math.max(1, (double) busy / capacity);
      limit.sample(false, (long) (latency * (0.9 + 0.2 * random.nextDouble())), busy);
      sum += i >= 1_000 ? limit.limit() : 0;
    }
    double mean = sum / 3_000.0;
    assertTrue(mean >= 0.9 * capacity, "too few: " + mean + " of " + capacity);
    assertTrue(mean <= 4 * capacity, "too many: " + mean + " of " + capacity);
  }

  @Property(tries = 100)
  void staysWithinItsBounds(@ForAll long seed) {
    Random random = new Random(seed);
    GradientLimit limit = new GradientLimit(10, 3, 30);
    for (int i = 0; i < 2_000; i++) {
      long latency = 1 + (long) (random.nextDouble() * 1_000 * MS);
      int l = limit.sample(random.nextInt(6) == 0, latency, random.nextInt(40));
      assertTrue(l >= 3 && l <= 30, "limit " + l);
    }
  }
}
