package io.millrace.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is concluded from refusals about a client that nobody told us of. */
class PaceTest {
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();
  private static final long LIMIT = 6_000;

  private final Pace pace = new Pace(LIMIT, MINUTE);

  @BeforeEach
  void alone() {
    pace.lease(0, 1_000 * MINUTE);
  }

  @Test
  void withoutARefusalAllOfTheLimitIsThere() {
    spendEvenly(6_000, 0, MINUTE);
    assertEquals(1, pace.share(MINUTE));
    assertFalse(pace.headroom(MINUTE - 1));
  }

  @Test
  void aRefusalMeasuresWhatTheOtherLeft() {
    spendEvenly(3_000, 0, MINUTE);
    assertTrue(pace.headroom(MINUTE - 1));
    assertTrue(pace.refused(MINUTE - 1));
    assertEquals(0.475, pace.share(MINUTE), 0.01);
  }

  @Test
  void whoBeganWithAllOfItMeasuresWhatItCouldSpendAndNotHowFast() {
    spendEvenly(4_000, 10 * MINUTE, 10 * MINUTE + 2 * MINUTE / 3);
    assertTrue(pace.refused(10 * MINUTE + 2 * MINUTE / 3));
    assertEquals(0.633, pace.share(11 * MINUTE), 0.01);
  }

  @Test
  void aRefusalTakesNoMoreThanHalf() {
    spendEvenly(600, MINUTE, MINUTE + MINUTE / 5);
    assertTrue(pace.refused(MINUTE + MINUTE / 5));
    assertEquals(0.475, pace.share(MINUTE + MINUTE / 5), 0.02);
  }

  @Test
  void aSecondRefusalWaitsForWhatWasSpentToLeave() {
    long start = 10 * MINUTE;
    long now = start + MINUTE / 4;
    spendEvenly(1_500, start, now);
    assertTrue(pace.refused(now));
    assertEquals(now + MINUTE / 40, pace.roomAt(now), "one refusal may be a whim");
    long later = now + MINUTE / 15;
    assertTrue(pace.refused(later));
    long room = pace.roomAt(later);
    assertTrue(room > start + MINUTE && room < start + MINUTE + MINUTE / 20, "room at " + room);
  }

  @Test
  void refusalsThatBelongTogetherCountOnce() {
    spendEvenly(3_000, 0, MINUTE);
    assertTrue(pace.refused(MINUTE));
    double share = pace.share(MINUTE);
    for (int i = 1; i < 20; i++) {
      assertFalse(pace.refused(MINUTE + i * MINUTE / 1_000));
    }
    assertEquals(share, pace.share(MINUTE + MINUTE / 50));
  }

  @Test
  void itComesBackSlowlyAtFirstAndThenFaster() {
    spendEvenly(3_000, 0, MINUTE);
    pace.refused(MINUTE);
    double least = pace.share(MINUTE);
    assertEquals(least, pace.share(2 * MINUTE), "a window of rest");
    assertEquals(least + 0.01, pace.share(3 * MINUTE), 1e-9);
    assertEquals(least + 0.07, pace.share(5 * MINUTE), 1e-9);
    assertEquals(1, pace.share(9 * MINUTE));
  }

  @Test
  void afterAClosingItBeginsGently() {
    pace.reenter(10 * MINUTE);
    assertTrue(pace.share(10 * MINUTE) < 0.35);
    assertTrue(pace.share(12 * MINUTE) > 0.5);
    assertEquals(1, pace.share(14 * MINUTE));
  }

  /** Google's window, in which another client takes half of the limit at random intervals. */
  @Test
  void besideARandomCompanionFewCallsAreRefusedAndNearlyAllThatIsLeftIsUsed() {
    Random random = new Random(7);
    Bucket bucket = new Bucket(15_000, MINUTE, MINUTE / 600, 150);
    Pace mine = new Pace(15_000, MINUTE);
    bucket.extend(0, 1_000 * MINUTE, 0, 1);
    mine.lease(0, 1_000 * MINUTE);
    Deque<long[]> window = new ArrayDeque<>();
    long sum = 0;
    long other = 0;
    long otherDue = 0;
    long calls = 0;
    long refused = 0;
    long used = 0;
    long retryAt = 0;
    for (long now = 0; now < 30 * MINUTE; now += MINUTE / 6_000) {
      while (!window.isEmpty() && window.peek()[0] <= now - MINUTE) {
        sum -= window.poll()[1];
      }
      while (otherDue <= now) {
        otherDue += (long) (2 * random.nextDouble() * MINUTE / 1_500);
        if (sum + 5 <= 15_000) {
          sum += 5;
          other += now > 5 * MINUTE ? 5 : 0;
          window.add(new long[] {now, 5});
        }
      }
      bucket.rate(MINUTE / 600, mine.share(now));
      if (now >= retryAt && bucket.available(now) >= 5) {
        bucket.spend(5, now);
        mine.spend(5, now);
        calls++;
        if (sum + 5 > 15_000) {
          refused++;
          retryAt = now + MINUTE / 60;
          if (mine.refused(now)) {
            bucket.rest(now + MINUTE / 40);
          }
        } else {
          sum += 5;
          used += now > 5 * MINUTE ? 5 : 0;
          window.add(new long[] {now, 5});
        }
      }
    }
    double left = 25.0 * 15_000 - other;
    assertTrue(refused < 0.005 * calls, refused + " of " + calls + " refused");
    assertTrue(used > 0.9 * left, used + " of " + left + " used");
  }

  @Test
  void whoHadHalfOfTheTimelineMeasuresByThatHalf() {
    Pace half = new Pace(LIMIT, MINUTE);
    long slice = MINUTE / 30;
    for (long from = 0; from < MINUTE; from += 2 * slice) {
      half.lease(from, from + slice);
      half.spend(120, from);
    }
    assertTrue(half.refused(MINUTE - 1));
    // 1,800 units of 3,000: six tenths of what was its own, and so of all.
    assertEquals(0.57, half.share(MINUTE - 1), 0.01);
  }

  /** Two processes that share one bucket slice by slice, beside a client that takes half. */
  @Test
  void twoProcessesBesideAForeignClientStillUseNearlyAllThatIsLeft() {
    long limit = 15_000;
    long slice = MINUTE / 30;
    Random random = new Random(11);
    Bucket[] buckets = new Bucket[2];
    Pace[] paces = new Pace[2];
    for (int i = 0; i < 2; i++) {
      buckets[i] = new Bucket(limit, MINUTE, MINUTE / 600, 150);
      paces[i] = new Pace(limit, MINUTE);
    }
    Deque<long[]> window = new ArrayDeque<>();
    long leasedUntil = 0;
    long sum = 0;
    long other = 0;
    long otherDue = 0;
    long calls = 0;
    long refused = 0;
    long used = 0;
    long[] retryAt = new long[2];
    for (long now = 0; now < 30 * MINUTE; now += MINUTE / 6_000) {
      while (leasedUntil < now + slice) {
        int whose = (int) (leasedUntil / slice % 2);
        buckets[whose].extend(leasedUntil, leasedUntil + slice, leasedUntil, leasedUntil + slice);
        paces[whose].lease(leasedUntil, leasedUntil + slice);
        leasedUntil += slice;
      }
      while (!window.isEmpty() && window.peek()[0] <= now - MINUTE) {
        sum -= window.poll()[1];
      }
      while (otherDue <= now) {
        otherDue += (long) (2 * random.nextDouble() * MINUTE / 1_500);
        if (sum + 5 <= limit) {
          sum += 5;
          other += now > 5 * MINUTE ? 5 : 0;
          window.add(new long[] {now, 5});
        }
      }
      for (int i = 0; i < 2; i++) {
        buckets[i].rate(MINUTE / 600, paces[i].share(now));
        if (now >= retryAt[i] && buckets[i].available(now) >= 5) {
          buckets[i].spend(5, now);
          paces[i].spend(5, now);
          calls++;
          if (sum + 5 > limit) {
            refused++;
            retryAt[i] = now + MINUTE / 60;
            if (paces[i].refused(now)) {
              buckets[i].rest(now + MINUTE / 40);
            }
          } else {
            sum += 5;
            used += now > 5 * MINUTE ? 5 : 0;
            window.add(new long[] {now, 5});
          }
        }
      }
    }
    double left = 25.0 * limit - other;
    assertTrue(refused < 0.005 * calls, refused + " of " + calls + " refused");
    assertTrue(used > 0.85 * left, used + " of " + left + " used");
  }

  private void spendEvenly(long units, long from, long until) {
    for (long i = 0; i < units; i += 20) {
      pace.spend(20, from + (until - from) / units * i);
    }
  }
}
