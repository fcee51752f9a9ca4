package io.millrace.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Who gets how much when there is not enough for all. */
class FairShareTest {
  private static final long SECOND = 1_000_000_000;

  private final FairShare fair = new FairShare(5 * SECOND);

  @Test
  void unitsAreDividedByWeightHoweverOftenAndHoweverMuchOneAsks() {
    int[] weights = {1, 1, 1, 3, 3, 1};
    int[] wants = {500, 20, 20, 20, 200, 40};
    long[] got = new long[weights.length];
    Random random = new Random(3);
    long now = 0;
    long bucket = 0;
    while (now < 600 * SECOND) {
      now += SECOND / 100;
      bucket += 10;
      // The first asks ten times as often as the others.
      int user = random.nextInt(4) > 0 ? 0 : random.nextInt(weights.length);
      long due = fair.due(user, weights[user], now);
      long units = Math.min(Math.min(due, bucket), wants[user]) / 20 * 20;
      if (units > 0) {
        fair.took(user, units);
        got[user] += units;
        bucket -= units;
      }
    }
    for (int i = 0; i < weights.length; i++) {
      double share = (double) got[i] / weights[i];
      assertEquals(1, share / ((double) got[1] / weights[1]), 0.05, "user " + i);
    }
  }

  @Test
  void whoWasAwayComesBackWithASmallCreditOnly() {
    fair.due(1, 1, 0);
    fair.due(2, 1, 0);
    for (int i = 0; i < 1_000; i++) {
      fair.due(2, 1, 0);
      fair.took(2, 20);
    }
    assertTrue(fair.due(1, 1, SECOND) <= 240);
  }

  @Test
  void whatWasHadWhileThereWasEnoughIsHeldAgainstNobodyForLong() {
    fair.due(1, 1, 0);
    fair.due(2, 1, 0);
    fair.took(1, 100_000);
    assertTrue(fair.due(1, 1, 0) >= -200);
    assertTrue(fair.behind(1, 20) <= 400, "units " + fair.behind(1, 20));
  }

  /** Of four hundred who are told to come when the next units do, hundreds would ask for each. */
  @Test
  void whoIsDueIsToldItsTurnSoThatFewAskAtOnce() {
    int users = 400;
    long get = 20;
    double perStep = 5;
    double[] again = new double[users];
    Random random = new Random(5);
    long asked = 0;
    long given = 0;
    double bucket = 0;
    for (int step = 0; step < 40_000; step++) {
      bucket += perStep;
      int first = random.nextInt(users);
      for (int i = 0; i < users; i++) {
        int user = (first + i) % users;
        if (again[user] > step) {
          continue;
        }
        asked++;
        boolean due = fair.due(user, 1, step) >= get;
        if (due && bucket >= get) {
          fair.took(user, get);
          bucket -= get;
          given++;
        }
        double before = due ? fair.before(user) : fair.behind(user, get);
        again[user] = step + Math.max(1, before / perStep);
      }
    }
    assertTrue(given * get > 0.99 * 40_000 * perStep, given + " given");
    assertTrue(asked < 60 * given, asked + " asked for " + given);
  }

  @Test
  void whoIsAheadIsToldHowMuchTheOthersGetFirst() {
    fair.due(1, 1, 0);
    fair.due(2, 1, 0);
    fair.took(1, 100);
    assertEquals(0, Math.max(0, fair.due(1, 1, 0)));
    assertEquals(60, fair.behind(1, 20), 1e-9, "two members, 30 units of virtual time");
  }
}
