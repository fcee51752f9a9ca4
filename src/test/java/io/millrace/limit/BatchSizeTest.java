package io.millrace.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BatchSizeTest {
  private static final long SECOND = 1_000_000_000L;

  private final BatchSize batch = new BatchSize();
  private long now;

  private int after(int seconds, long queued, double failed) {
    now += seconds * SECOND;
    return batch.sample(queued, failed, now);
  }

  @Test
  void aLongQueueGetsLargeBatchesAndAnEmptyOneSmall() {
    for (int i = 0; i < 50; i++) {
      after(1, 2_000, 0);
    }
    assertEquals(50, batch.size());
    for (int i = 0; i < 50; i++) {
      after(1, 0, 0);
    }
    assertEquals(10, batch.size());
  }

  @Test
  void errorsHalveAndOnlyGoodBatchesGrow() {
    for (int i = 0; i < 50; i++) {
      after(1, 2_000, 0);
    }
    assertEquals(25, after(1, 2_000, 0.2));
    assertEquals(25, after(1, 2_000, 0.1));
    assertEquals(12, after(1, 2_000, 0.5));
    assertEquals(10, after(1, 2_000, 1));
    assertEquals(15, after(1, 2_000, 0));
  }

  /** A queue that is still short but grows gets large batches before a look at it alone would. */
  @Property(tries = 100)
  void growsAheadOfNeed(@ForAll @IntRange(min = 5, max = 100) int growthPerSecond) {
    BatchSize predictive = new BatchSize();
    boolean ahead = false;
    for (int second = 0; second * growthPerSecond < 500; second++) {
      long queued = (long) second * growthPerSecond;
      int size = predictive.sample(queued, 0, second * SECOND);
      int reactive = (int) Math.max(10, Math.min(50, Math.ceil(queued / 10.0)));
      ahead |= size > reactive;
      assertTrue(
          size >= Math.min(reactive, 10 + 5 * second) - 5, "behind: " + size + " at " + queued);
    }
    assertTrue(ahead || growthPerSecond > 60);
  }

  /** A queue that falls fast gets smaller batches before it is empty. */
  @Test
  void shrinksBeforeTheQueueIsEmpty() {
    for (int i = 0; i < 30; i++) {
      after(1, 900, 0);
    }
    long queued = 900;
    while (batch.size() > 10 && queued > 0) {
      queued -= 20;
      after(1, queued, 0);
    }
    assertTrue(queued > 100, "small only at " + queued);
  }

  @Property(tries = 200)
  void staysBetweenTenAndFifty(@ForAll long seed) {
    Random random = new Random(seed);
    BatchSize any = new BatchSize();
    long at = 0;
    for (int i = 0; i < 500; i++) {
      at += random.nextLong(3 * SECOND);
      int size = any.sample(random.nextLong(1_000_000), random.nextInt(4) / 10.0, at);
      assertTrue(size >= 10 && size <= 50, "size " + size);
    }
  }
}
