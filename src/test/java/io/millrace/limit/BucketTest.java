package io.millrace.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** A bucket, and several that share one timeline, against a model that counts every grant. */
class BucketTest {
  private static final long MS = 1_000_000;

  private record Granted(long at, long units) {}

  private record Slice(long due, long from, long until, long mark, long untilMark) {}

  /** Where processes lease their slices, one after the other on one timeline. */
  private static final class Timeline {
    long leasedUntil;

    /** A slice as its process understands it: never longer than it is. */
    Slice lease(long sent, long received, long ledgerNow, long length) {
      long from = Math.max(leasedUntil, ledgerNow);
      leasedUntil = from + length;
      return new Slice(
          received, received + from - ledgerNow, sent + leasedUntil - ledgerNow, from, leasedUntil);
    }
  }

  /** One process, with as many leases under way as it likes. */
  private static final class Sender {
    final List<Slice> underWay = new ArrayList<>();
    Bucket bucket;
    boolean eager;
  }

  @Property(tries = 400)
  void noSlidingWindowEverArrivesOverTheLimit(
      @ForAll @LongRange(min = 2, max = 20_000) long limit,
      @ForAll @LongRange(min = 200, max = 60_000) long windowMs,
      @ForAll @IntRange(min = 0, max = 20) int jitterPercent,
      @ForAll @IntRange(min = 1, max = 50) int burstPercent,
      @ForAll @IntRange(min = 1, max = 4) int processes,
      @ForAll long seed) {
    Random random = new Random(seed);
    long window = windowMs * MS;
    long jitter = window * jitterPercent / 100;
    long burst = Math.max(1, limit * burstPercent / 100);
    long slice = window / (1 + random.nextInt(60));
    Timeline timeline = new Timeline();
    List<Granted> granted = new ArrayList<>();
    List<Sender> all = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      Sender process = new Sender();
      process.bucket = new Bucket(limit, window, jitter, burst);
      process.eager = random.nextBoolean();
      all.add(process);
    }
    long now = 0;
    while (now < 3 * window) {
      now += 1 + random.nextLong(random.nextInt(10) == 0 ? window / 4 : window / 100);
      for (Sender process : all) {
        step(process, now, slice, burst, timeline, granted, random);
        if (random.nextInt(200) == 0) {
          process.bucket = new Bucket(limit, window, jitter, burst);
          process.underWay.clear();
        }
      }
    }
    // Whatever is granted within a window and a jitter can arrive within one window.
    assertTrue(mostWithin(granted, window + jitter) <= limit);
  }

  private static void step(
      Sender process,
      long now,
      long slice,
      long burst,
      Timeline timeline,
      List<Granted> granted,
      Random random) {
    process.underWay.removeIf(
        s -> {
          if (s.due() <= now) {
            process.bucket.extend(s.from(), s.until(), s.mark(), s.untilMark());
            return true;
          }
          return false;
        });
    if (process.bucket.runsOut(now, slice / 2)
        && process.underWay.size() < (process.eager ? 3 : 1)) {
      long received = now + random.nextLong(1 + slice / 3);
      long ledgerNow = now + random.nextLong(1 + received - now);
      process.underWay.add(timeline.lease(now, received, ledgerNow, slice));
    }
    if (random.nextInt(4) > 0) {
      long units = Math.min(process.bucket.available(now), 1 + random.nextLong(2 * burst));
      if (units > 0) {
        process.bucket.spend(units, now);
        granted.add(new Granted(now, units));
      }
    }
  }

  private static long mostWithin(List<Granted> granted, long length) {
    long most = 0;
    long sum = 0;
    int first = 0;
    for (Granted grant : granted) {
      sum += grant.units();
      while (granted.get(first).at() <= grant.at() - length) {
        sum -= granted.get(first++).units();
      }
      most = Math.max(most, sum);
    }
    return most;
  }

  @Property(tries = 100)
  void underSteadyDemandNearlyTheWholeRateIsGranted(
      @ForAll @LongRange(min = 600, max = 1_200_000) long limit,
      @ForAll @IntRange(min = 1, max = 20) int scale,
      @ForAll @IntRange(min = 1, max = 40) int price) {
    long window = 60_000 * MS / scale;
    long jitter = 400 * MS;
    long burst = Math.max(limit / 60, 50);
    long roundTrip = 2 * MS;
    Bucket bucket = new Bucket(limit, window, jitter, burst);
    long slice = Math.max(2_000 * MS / scale, 2 * bucket.burstNanos());
    Timeline timeline = new Timeline();
    List<Slice> underWay = new ArrayList<>();
    long granted = 0;
    for (long now = 0; now < 3 * window; now += MS) {
      if (!underWay.isEmpty() && underWay.get(0).due() <= now) {
        Slice s = underWay.get(0);
        bucket.extend(s.from(), s.until(), s.mark(), s.untilMark());
        underWay.clear();
      }
      if (underWay.isEmpty() && bucket.runsOut(now, slice / 2)) {
        underWay.add(timeline.lease(now, now + roundTrip, now + MS, slice));
      }
      long units = bucket.available(now) / price * price;
      if (units > 0) {
        bucket.spend(units, now);
        granted += now >= window ? units : 0;
      }
    }
    double ideal = 2.0 * (limit - burst) * window / (window + jitter);
    assertTrue(granted >= 0.97 * ideal - price, granted + " of " + ideal);
  }

  @Property(tries = 300)
  void askingAgainWhenToldIsGrantedAndNotTooLate(
      @ForAll @LongRange(min = 100, max = 20_000) long limit,
      @ForAll @IntRange(min = 1, max = 40) int units,
      @ForAll long seed) {
    Random random = new Random(seed);
    long window = 60_000 * MS;
    long burst = Math.max(limit / 60, 50);
    Bucket bucket = new Bucket(limit, window, 400 * MS, burst);
    bucket.extend(0, 1_000 * window, 0, 1);
    long now = 0;
    for (int i = 0; i < 200; i++) {
      long available = bucket.available(now);
      if (available >= units) {
        bucket.spend(units + random.nextLong(available - units + 1), now);
      }
      if (bucket.available(now) < units) {
        long at = bucket.notBefore(units, now);
        long unit = (window + 400 * MS) / (limit - burst) + 1;
        assertTrue(at == now || bucket.available(at - 1 - unit) < units, "told too late");
        assertTrue(bucket.available(at) >= units, "not granted when told");
        now = at;
      } else {
        now += random.nextLong(1_000 * MS);
      }
    }
  }

  @Test
  void whatLiesBetweenTwoSlicesBelongsToSomebodyElse() {
    Bucket bucket = new Bucket(6_000, 60_000 * MS, 0, 10);
    bucket.extend(0, 1_000 * MS, 0, 1);
    bucket.extend(2_000 * MS, 3_000 * MS, 2, 3);
    bucket.extend(4_000 * MS, 5_000 * MS, 4, 5);
    assertTrue(bucket.available(2_500 * MS) > 0);
    assertEquals(0, bucket.available(3_001 * MS), "between the second and the third slice");
    assertTrue(bucket.available(4_500 * MS) > 0);
  }

  @Test
  void aSliceThatPassedWhileItWasUnderWayIsWorthNothing() {
    Bucket bucket = new Bucket(6_000, 60_000 * MS, 0, 100);
    bucket.extend(2_000 * MS, 1_000 * MS, 1, 2);
    assertEquals(0, bucket.available(2_000 * MS));
    assertTrue(bucket.runsOut(2_000 * MS, 1));
    bucket.extend(2_100 * MS, 3_000 * MS, 3, 4);
    assertTrue(bucket.available(2_200 * MS) > 0);
  }
}
