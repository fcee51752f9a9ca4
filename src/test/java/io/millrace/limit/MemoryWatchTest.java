package io.millrace.limit;

import static io.millrace.limit.MemoryGovernor.Level.CRITICAL;
import static io.millrace.limit.MemoryGovernor.Level.NORMAL;
import static io.millrace.limit.MemoryGovernor.Level.SHED;
import static io.millrace.limit.MemoryGovernor.Level.WARN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(VertxExtension.class)
class MemoryWatchTest {
  private static final long MIB = 1L << 20;
  private static final MemorySettings SETTINGS =
      new MemorySettings(0.75, 0.80, 0.90, Duration.ofMillis(2));

  private volatile MemoryReading reading = heap(10);

  private static MemoryReading heap(int percent) {
    return new MemoryReading(percent * MIB, 100 * MIB, 100 * MIB, -1, 400 * MIB);
  }

  @Test
  void levelsAreEnteredAtTheirThresholdsAndLeftBelow() {
    MemoryGovernor governor = new MemoryGovernor(SETTINGS);
    assertEquals(NORMAL, governor.sample(0.75));
    assertEquals(SHED, governor.sample(0.76));
    assertEquals(SHED, governor.sample(0.71));
    assertEquals(NORMAL, governor.sample(0.70));
    assertEquals(CRITICAL, governor.sample(0.99));
    assertEquals(CRITICAL, governor.sample(0.86));
    assertEquals(WARN, governor.sample(0.85));
    assertEquals(SHED, governor.sample(0.75));
    assertEquals(NORMAL, governor.sample(0.1));
  }

  /** However a share wavers by less than the margin, at most one level is entered for good. */
  @Property
  void aWaveringShareDoesNotFlap(@ForAll @DoubleRange(min = 0, max = 1) double around) {
    MemoryGovernor governor = new MemoryGovernor(SETTINGS);
    governor.sample(around + 0.02);
    MemoryGovernor.Level level = governor.level();
    for (int i = 0; i < 20; i++) {
      governor.sample(around - 0.02);
      assertEquals(level, governor.sample(around + 0.02));
    }
  }

  @Test
  void freeHeapThatIsResidentDoesNotCount() {
    assertEquals(0.5, heap(50).share());
    // 60 MiB besides the heap, of which 20 MiB are live, in a container of 200 MiB.
    assertEquals(
        0.4, new MemoryReading(20 * MIB, 100 * MIB, 100 * MIB, 160 * MIB, 200 * MIB).share());
    assertEquals(
        0.95, new MemoryReading(20 * MIB, 20 * MIB, 100 * MIB, 190 * MIB, 200 * MIB).share());
  }

  @Test
  void theProcessItselfIsRead() {
    MemoryReading now = MemoryReading.now();
    assertTrue(now.heap() > 0 && now.committed() > 0 && now.memory() > now.committed());
    assertTrue(now.share() >= 0 && now.share() < 1.5, "share " + now.share());
  }

  @Test
  void eachChangeOfLevelIsToldOnce(Vertx vertx) throws InterruptedException {
    BlockingQueue<LimitChanged> heard = new LinkedBlockingQueue<>();
    LimitChanges changes = new LimitChanges(vertx);
    vertx.eventBus().<LimitChanged>localConsumer(LimitChanges.ADDRESS, m -> heard.add(m.body()));
    ByteBudget budget = new ByteBudget(100);
    MemoryWatch watch = new MemoryWatch(SETTINGS, () -> reading, budget::shrink, changes);
    vertx.deployVerticle(watch);
    budget.charge(50);

    reading = heap(78);
    LimitChanged shed = heard.poll(10, TimeUnit.SECONDS);
    assertEquals(
        new LimitChanged(
            "memory", 100, 50, "78 % of memory is in use (78 MiB of a heap of 100 MiB)"),
        shed);
    assertEquals(0.5, watch.getAsDouble());
    assertTrue(budget.full());

    reading = heap(95);
    assertEquals(0, heard.poll(10, TimeUnit.SECONDS).now());
    reading = heap(10);
    assertEquals(100, heard.poll(10, TimeUnit.SECONDS).now());
    assertEquals(1, watch.getAsDouble());
    assertTrue(heard.isEmpty() && !budget.full());
  }

  @Test
  void aBudgetThatGrowsAgainWakesWhoWaits() {
    ByteBudget budget = new ByteBudget(100);
    budget.charge(30);
    budget.shrink(0.25);
    BlockingQueue<String> woken = new LinkedBlockingQueue<>();
    budget.whenFree(() -> woken.add("now"));
    assertTrue(woken.isEmpty());
    budget.shrink(1);
    assertEquals("now", woken.poll());
  }
}
