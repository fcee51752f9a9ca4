package io.millrace.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** The controller against a service whose errors come and go. */
class AdaptiveConcurrencyTest {
  private static final long MS = 1_000_000;
  private static final ConcurrencySettings SETTINGS =
      new ConcurrencySettings(15, 5, 25, 0.15, 0.05, 20, Duration.ofSeconds(10));

  private interface Weather {
    double failing(long nowMs);
  }

  private final AdaptiveConcurrency limit = new AdaptiveConcurrency(SETTINGS);
  private long now;

  /** Ends that many runs, one every 50 ms, each as long as given. */
  private void runs(int count, int failed, int busy, Duration run) {
    for (int i = 0; i < count; i++) {
      now += 50 * MS;
      limit.sample(i < failed, run.toNanos(), busy, now);
    }
  }

  private void cool() {
    now += SETTINGS.cooldown().toNanos();
  }

  @Test
  void manyErrorsTakeTwoOff() {
    runs(20, 4, 15, Duration.ofMillis(20));
    assertEquals(13, limit.limit());
    assertEquals("20 % of 20 runs failed", limit.why());
  }

  @Test
  void fewErrorsShortRunsAndFullUseAddOne() {
    runs(20, 0, 15, Duration.ofMillis(20));
    assertEquals(16, limit.limit());
  }

  @Test
  void aTenthOfErrorsChangesNothing() {
    runs(20, 2, 15, Duration.ofMillis(20));
    assertEquals(15, limit.limit());
  }

  @Test
  void longRunsDoNotGrowALimit() {
    runs(20, 0, 15, Duration.ofSeconds(11));
    assertEquals(15, limit.limit());
  }

  @Test
  void aLimitThatWasNotUsedDoesNotGrow() {
    runs(200, 0, 14, Duration.ofMillis(20));
    assertEquals(15, limit.limit());
  }

  @Test
  void fewRunsSayNothing() {
    runs(19, 19, 15, Duration.ofMillis(20));
    assertEquals(15, limit.limit());
  }

  @Test
  void nothingChangesTwiceWithinTheCooldown() {
    runs(100, 100, 15, Duration.ofMillis(20));
    assertEquals(13, limit.limit());
    cool();
    runs(20, 20, 13, Duration.ofMillis(20));
    assertEquals(11, limit.limit());
  }

  @Test
  void runsThatWereUnderWayTogetherAreEvidenceOnce() {
    runs(20, 20, 15, Duration.ofMinutes(3));
    assertEquals(13, limit.limit());
    // Begun before the change, however long after it they end.
    for (int i = 0; i < 5; i++) {
      cool();
      runs(40, 40, 15, Duration.ofMinutes(3));
    }
    assertEquals(13, limit.limit());
  }

  @Test
  void withoutEvidenceNothingShrinks() {
    runs(20, 20, 15, Duration.ofMillis(20));
    for (int i = 0; i < 100; i++) {
      cool();
      runs(1, 0, 1, Duration.ofMillis(20));
    }
    assertTrue(limit.limit() >= 13, "it is " + limit.limit());
  }

  @Test
  void aSlowAndIdleKindComesBackToItsStartButNoFurther() {
    for (int i = 0; i < 10; i++) {
      runs(20, 20, 15, Duration.ofMillis(20));
      cool();
    }
    assertEquals(5, limit.limit());
    for (int i = 0; i < 50; i++) {
      now += Duration.ofMinutes(10).toNanos();
      runs(20, 0, 2, Duration.ofMinutes(4));
    }
    assertEquals(15, limit.limit());
  }

  /** T32: after an error spike, concurrency comes back to its start value without oscillating. */
  @Property(tries = 200)
  void afterASpikeItComesBackWithoutOscillating(
      @ForAll @LongRange(min = 20, max = 600) long spikeSeconds,
      @ForAll @IntRange(min = 20, max = 100) int failingPercent,
      @ForAll @IntRange(min = 10, max = 3_000) int runMs,
      @ForAll long seed) {
    long until = spikeSeconds * 1_000;
    List<Integer> limits =
        simulate(
            nowMs -> nowMs < until ? failingPercent / 100.0 : 0,
            runMs,
            until + Duration.ofHours(1).toMillis(),
            until,
            seed);
    int turns = 0;
    boolean back = false;
    for (int i = 1; i < limits.size(); i++) {
      // What began before the end of the spike may still take two off once.
      turns += limits.get(i) < limits.get(i - 1) ? 1 : 0;
      back |= limits.get(i) >= 15;
    }
    assertTrue(turns <= 1, () -> "up and down: " + limits);
    assertTrue(back, () -> "never back: " + limits);
  }

  @Property(tries = 200)
  void itStaysWithinItsBounds(
      @ForAll @IntRange(min = 0, max = 100) int failingPercent,
      @ForAll @IntRange(min = 1, max = 20_000) int runMs,
      @ForAll long seed) {
    simulate(nowMs -> failingPercent / 100.0, runMs, 600_000, 0, seed)
        .forEach(l -> assertTrue(l >= 5 && l <= 25, "limit " + l));
  }

  /** Always as many runs as allowed; answers the limits after each change since an instant. */
  private static List<Integer> simulate(
      Weather weather, int runMs, long lengthMs, long sinceMs, long seed) {
    record Run(long from, long until, boolean fails) {}
    Random random = new Random(seed);
    AdaptiveConcurrency adaptive = new AdaptiveConcurrency(SETTINGS);
    PriorityQueue<Run> running = new PriorityQueue<>(Comparator.comparingLong(Run::until));
    List<Integer> limits = new ArrayList<>();
    long now = 0;
    int samples = 0;
    while (now < lengthMs && samples++ < 50_000) {
      while (running.size() < adaptive.limit()) {
        long length = 1L + runMs / 2 + random.nextInt(runMs);
        // Arrivals are spread, so that an hour is not a million runs.
        long from = now + random.nextInt(1_500);
        running.add(new Run(from, from + length, random.nextDouble() < weather.failing(from)));
      }
      Run ended = running.poll();
      now = Math.max(now, ended.until());
      int limit =
          adaptive.sample(ended.fails(), (now - ended.from()) * MS, running.size() + 1, now * MS);
      if (now >= sinceMs && (limits.isEmpty() || limits.get(limits.size() - 1) != limit)) {
        limits.add(limit);
      }
    }
    return limits;
  }
}
