package io.millrace.store;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.limit.Ledger;
import io.millrace.limit.Ledger.Closed;
import io.millrace.limit.Ledger.Slice;
import io.vertx.core.Future;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class QuotaLedgerTest {
  private final QuotaLedger ledger = new QuotaLedger(pool(), 1);

  @BeforeEach
  void empty() throws Exception {
    StoreTestKit.run("delete from quota_ledger");
  }

  @Test
  void noTwoLeasesOfABucketOverlap() throws Exception {
    QuotaLedger other = new QuotaLedger(pool(), 1);
    Random random = new Random(5);
    List<Future<List<Slice>>> leased = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      List<Ledger.Key> keys = new ArrayList<>();
      // In any order: two processes never wait for each other crosswise.
      random.longs(0, 8).distinct().limit(6).forEach(k -> keys.add(new Ledger.Key("user", k)));
      double length = 1 + random.nextInt(200);
      leased.add((random.nextBoolean() ? ledger : other).lease(keys, length));
    }
    await(Future.all(leased));
    for (long key = 0; key < 8; key++) {
      long user = key;
      List<Slice> slices =
          leased.stream()
              .flatMap(f -> f.result().stream())
              .filter(s -> s.key().key() == user)
              .sorted(Comparator.comparing(Slice::mark))
              .toList();
      for (int i = 1; i < slices.size(); i++) {
        assertTrue(slices.get(i).mark() >= slices.get(i - 1).untilMark());
      }
    }
  }

  @Test
  void aLeaseBeginsNowAndTheNextWhereItEnds() throws Exception {
    List<Ledger.Key> key = List.of(new Ledger.Key("user", 1));
    Slice first = await(ledger.lease(key, 100)).get(0);
    Slice second = await(ledger.lease(key, 100)).get(0);
    assertEquals(0, first.fromMs(), 0.1);
    assertEquals(100, first.untilMs(), 0.1);
    assertEquals(first.untilMark(), second.mark());
    assertTrue(second.fromMs() <= 100);
  }

  @Test
  void aChangeOfTheTimeScaleWaitsOneOldWindow() throws Exception {
    List<Ledger.Key> key = List.of(new Ledger.Key("project", 0));
    await(new QuotaLedger(pool(), 20).lease(key, 100));
    Slice slice = await(ledger.lease(key, 100)).get(0);
    assertTrue(slice.fromMs() > 3_000 && slice.fromMs() <= 3_100, "from " + slice.fromMs());
    assertTrue(await(ledger.lease(key, 100)).get(0).fromMs() <= 3_200, "but only once");
  }

  @Test
  void fiftyTakersNeverTakeMoreThanTheDayHas() throws Exception {
    List<Future<Long>> taken =
        LongStream.range(0, 50).mapToObj(i -> taken(20_000, 30, 1_000)).toList();
    await(Future.all(taken));
    assertEquals(1_000, taken.stream().mapToLong(Future::result).sum());
    assertTrue(taken.stream().allMatch(f -> f.result() >= 0 && f.result() <= 30));
    assertEquals(0L, await(taken(20_000, 30, 1_000)));
  }

  private Future<Long> taken(long day, long units, long limit) {
    return ledger.takeDay(day, units, limit).map(Ledger.Day::taken);
  }

  @Test
  void aLowerLimitOfTheDayForgetsNothingThatWasSpent() throws Exception {
    assertEquals(900L, await(taken(20_001, 900, 1_000)));
    assertEquals(0L, await(taken(20_001, 100, 500)));
    assertEquals(900, number("select leased_units from quota_ledger where scope = 'day'"));
    assertEquals(100L, await(taken(20_001, 200, 1_000)));
  }

  @Test
  void onlyALaterInstantMovesAClosing() throws Exception {
    Instant until = Instant.now().plusSeconds(600).truncatedTo(ChronoUnit.MILLIS);
    Ledger.Key key = new Ledger.Key("user", 7);
    await(
        Future.all(
            ledger.close(new Closed(key, until)),
            ledger.close(new Closed(key, until.minusSeconds(300))),
            ledger.close(new Closed(key, until.minusSeconds(60)))));
    assertEquals(List.of(new Closed(key, until)), await(ledger.closed()));
    await(ledger.lease(List.of(key), 100));
    assertEquals(List.of(new Closed(key, until)), await(ledger.closed()), "a lease leaves it");
    await(ledger.close(new Closed(key, until.plusSeconds(1))));
    assertEquals(until.plusSeconds(1), await(ledger.closed()).get(0).until());
  }

  @Test
  void whatOpenedAgainIsNotReported() throws Exception {
    await(ledger.close(new Closed(new Ledger.Key("user", 8), Instant.now().minusSeconds(1))));
    assertEquals(List.of(), await(ledger.closed()));
    assertEquals("user", one(String.class, "select scope from quota_ledger"));
  }
}
