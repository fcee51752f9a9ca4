package io.millrace.limit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much several processes get of what they share by turns, in a model without a network. */
class SharedTimelineTest {
  private static final long MS = 1_000_000;
  private static final long MINUTE = 60_000 * MS;
  private static final int USER = 6_000;
  private static final int PROJECT = 60_000;
  private static final int GET = 20;
  private static final long STEP = 5 * MS;
  private static final QuotaSettings SETTINGS =
      new QuotaSettings(
          new QuotaLimits(USER, PROJECT, 0, 25),
          Duration.ofMillis(400),
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          ZoneOffset.UTC,
          1);

  private final Books books = new Books();

  private long now;

  private final class Books implements Ledger {
    private final Map<Key, Long> until = new HashMap<>();
    private int statements;

    @Override
    public Future<List<Slice>> lease(List<Key> keys, double lengthMs) {
      statements++;
      List<Slice> slices = new ArrayList<>();
      for (Key key : keys) {
        long from = Math.max(now, until.getOrDefault(key, 0L));
        long to = from + (long) (lengthMs * MS);
        until.put(key, to);
        slices.add(new Slice(key, (from - now) / 1e6, (to - now) / 1e6, from, to));
      }
      return Future.succeededFuture(slices);
    }

    @Override
    public Future<Day> takeDay(long day, long units, long limit) {
      return Future.succeededFuture(new Day(units, units));
    }

    @Override
    public Future<Void> close(Closed closed) {
      return Future.succeededFuture();
    }

    @Override
    public Future<List<Closed>> closed() {
      return Future.succeededFuture(List.of());
    }
  }

  /** Enough for all users: each gets what is its own, whichever process it is in. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void whileThereIsEnoughNobodyLosesByTakingTurns(int processes) {
    assertUsed(0.97, processes, 8, 8.0 * USER);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void whatIsScarceIsUsedUpByTurns(int processes) {
    assertUsed(0.93, processes, 40, PROJECT);
  }

  private void assertUsed(double least, int processes, int users, double allowed) {
    List<Leases> all = new ArrayList<>();
    for (int i = 0; i < processes; i++) {
      all.add(new Leases(SETTINGS, books, new Delays(400 * MS), () -> now, Runnable::run));
    }
    long spent = 0;
    for (now = 0; now < 3 * MINUTE; now += STEP) {
      for (int i = 0; i < users; i++) {
        int user = (int) ((i + now / STEP) % users);
        long units = spend(all.get(user % processes), user + 1);
        spent += now >= MINUTE ? units : 0;
      }
    }
    double used = spent / (2 * allowed);
    assertTrue(used >= least, used + " was used");
    // Each user's every two seconds, and the project's turns.
    double seconds = 3.0 * MINUTE / 1e9;
    assertTrue(books.statements < seconds * (users / 2.0 + 8), books.statements + " statements");
  }

  private long spend(Leases leases, long user) {
    Allowance own = leases.allowance(Ledger.user(user), now);
    Allowance project = leases.allowance(Ledger.PROJECT, now);
    long units = Math.min(own.available(false, now), project.available(false, now)) / GET * GET;
    own.spend(units, now);
    project.spend(units, now);
    return units;
  }
}
