package io.millrace.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.limit.QuotaMessages.Grant;
import io.millrace.limit.QuotaMessages.Penalty;
import io.millrace.limit.QuotaMessages.Reserve;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the verticle answers; its clocks stand still unless a test moves them. */
@Timeout(30)
class QuotaVerticleTest {
  private static final ZoneId LA = ZoneId.of("America/Los_Angeles");

  /** A ledger in memory whose time is the test's. */
  private final class Books implements Ledger {
    final Map<Key, Long> leasedUntil = new HashMap<>();
    final Map<Key, Instant> closed = new HashMap<>();
    final Map<Long, Long> spent = new HashMap<>();
    final List<Closed> closings = new CopyOnWriteArrayList<>();
    final List<Promise<Void>> held = new CopyOnWriteArrayList<>();
    volatile int leases;
    volatile boolean hold;
    volatile boolean broken;
    volatile long between;

    private <T> Future<T> answer(java.util.function.Supplier<T> value) {
      if (broken) {
        return Future.failedFuture("the ledger is away");
      }
      if (!hold) {
        return Future.succeededFuture(value.get());
      }
      Promise<Void> promise = Promise.promise();
      held.add(promise);
      return promise.future().map(v -> value.get());
    }

    @Override
    public synchronized Future<List<Slice>> lease(List<Key> keys, double lengthMs) {
      leases++;
      return answer(
          () -> {
            List<Slice> slices = new ArrayList<>();
            for (Key key : keys) {
              long from = Math.max(nanos, leasedUntil.getOrDefault(key, Long.MIN_VALUE));
              long until = from + (long) (lengthMs * 1e6);
              leasedUntil.put(key, until + between);
              slices.add(new Slice(key, (from - nanos) / 1e6, (until - nanos) / 1e6, from, until));
            }
            return slices;
          });
    }

    @Override
    public Future<Day> takeDay(long day, long units, long limit) {
      return answer(
          () -> {
            long before = spent.getOrDefault(day, 0L);
            spent.put(day, Math.min(limit, before + units));
            return new Day(spent.get(day) - before, spent.get(day));
          });
    }

    @Override
    public Future<Void> close(Closed one) {
      closings.add(one);
      if (broken) {
        return Future.failedFuture("the ledger is away");
      }
      closed.merge(one.key(), one.until(), (a, b) -> a.isAfter(b) ? a : b);
      return Future.succeededFuture();
    }

    @Override
    public Future<List<Closed>> closed() {
      return Future.succeededFuture(
          closed.entrySet().stream()
              .map(e -> new Closed(e.getKey(), e.getValue()))
              .sorted(Comparator.comparing(c -> c.key().key()))
              .toList());
    }
  }

  private final Vertx vertx = Vertx.vertx();
  private final Books books = new Books();
  private volatile Instant wall = Instant.parse("2026-06-12T19:00:00Z");
  private volatile long nanos = System.nanoTime();
  private QuotaClient client;
  private final List<LimitChanged> changes = new CopyOnWriteArrayList<>();
  private String deployed;
  private QuotaVerticle verticle;

  @BeforeEach
  void codecs() {
    client = new QuotaClient(vertx, Duration.ofSeconds(2), InstantSource.system());
  }

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  void whatIsNotThereIsAnsweredWithATimeAndNeverParked() throws Exception {
    deploy(6_000, 0, 0);
    Grant full = grantOf(new Reserve(1, 100, 20));
    assertEquals(80, full.units(), "the burst but its reserve");
    for (int i = 0; i < 50; i++) {
      Grant none = ask(new Reserve(1, 100, 20));
      assertEquals(0, none.units());
      assertTrue(none.waitNanos() > 0 && none.waitNanos() < 300_000_000L, "wait " + none);
    }
    Grant none = ask(new Reserve(1, 100, 20));
    pass(Duration.ofNanos(none.waitNanos() + 1));
    assertEquals(20, ask(new Reserve(1, 20, 20)).units());
  }

  @Test
  void aLookTellsWhatWouldBeWaitedForAndSpendsNothing() throws Exception {
    deploy(6_000, 0, 0);
    assertEquals(QuotaOutlook.CLEAR, look(), "nobody has asked yet");
    grantOf(new Reserve(1, 80, 20));
    QuotaOutlook waiting = look();
    assertEquals(QuotaScope.USER, waiting.scope());
    assertEquals(waiting, look());
    pass(Duration.between(wall, waiting.until()).plusNanos(1));
    assertEquals(QuotaOutlook.CLEAR, look());
    assertEquals(20, ask(new Reserve(1, 20, 20)).units(), "what was foreseen");
    Instant deadline = wall.plusSeconds(900).truncatedTo(ChronoUnit.MICROS);
    refuse(new Penalty(1, deadline, false));
    assertEquals(new QuotaOutlook(QuotaScope.GOOGLE, deadline, null), look());
  }

  private QuotaOutlook look() throws Exception {
    return await(client.outlook(1, 20));
  }

  @Test
  void grantsAreMultiplesOfTheLeastThatIsOfUse() throws Exception {
    deploy(6_000, 0, 0);
    assertEquals(90, grantOf(new Reserve(1, 95, 30, true)).units());
  }

  @Test
  void usersDoNotSpendEachOthersUnitsButTheProjectsTogether() throws Exception {
    deploy(6_000, 6_000, 0);
    int granted = grantOf(new Reserve(1, 60, 1)).units() + grantOf(new Reserve(2, 60, 1)).units();
    assertEquals(80, granted, "the project's burst but its reserve");
    Grant third = ask(new Reserve(3, 1, 1));
    assertEquals(0, third.units());
    assertEquals("the project's quota per minute", third.why());
  }

  @Test
  void aSlowLedgerIsAskedOnceAndNobodyWaitsForIt() throws Exception {
    books.hold = true;
    deploy(6_000, 0, 0);
    for (int i = 0; i < 30; i++) {
      assertEquals(0, ask(new Reserve(1, 20, 20)).units());
    }
    assertEquals(1, books.leases);
    books.hold = false;
    books.held.forEach(p -> p.complete());
    assertEquals(20, grantOf(new Reserve(1, 20, 20)).units());
    assertEquals(1, books.leases, "what was asked for meanwhile had come already");
  }

  @Test
  void aLedgerThatFailsGrantsNothingAndIsNotStormed() throws Exception {
    books.broken = true;
    deploy(6_000, 0, 0);
    for (int i = 0; i < 30; i++) {
      assertEquals(0, ask(new Reserve(1, 20, 20)).units());
    }
    assertEquals(1, books.leases);
    Grant told = ask(new Reserve(1, 20, 20));
    books.broken = false;
    pass(Duration.ofNanos(told.waitNanos()));
    assertEquals(20, grantOf(new Reserve(1, 20, 20)).units());
  }

  @Test
  void nothingIsGrantedBeforeTheInstantThatGoogleNamed() throws Exception {
    deploy(6_000, 0, 0);
    grantOf(new Reserve(1, 1, 1));
    Instant until = wall.plusSeconds(900);
    refuse(new Penalty(1, until, false));
    pass(Duration.ofSeconds(899));
    Grant none = ask(new Reserve(1, 20, 20));
    assertEquals(0, none.units());
    assertEquals(Duration.ofSeconds(1).toNanos(), none.waitNanos());
    assertEquals(20, grantOf(new Reserve(2, 20, 20)).units(), "another user goes on");
    pass(Duration.ofSeconds(1));
    assertEquals(20, grantOf(new Reserve(1, 20, 20)).units());
  }

  @Test
  void onlyALaterInstantMovesTheGateAndEachIsKeptOnce() throws Exception {
    deploy(6_000, 0, 0);
    Instant until = wall.plusSeconds(60);
    refuse(new Penalty(1, until, false));
    refuse(new Penalty(1, until, false));
    refuse(new Penalty(1, until.minusSeconds(30), false));
    refuse(new Penalty(1, null, false));
    assertEquals(1, books.closings.size());
    assertEquals(
        Duration.ofSeconds(60).toNanos(), ask(new Reserve(1, 1, 1)).waitNanos(), "unmoved");
    refuse(new Penalty(1, until.plusSeconds(1), false));
    assertEquals(2, books.closings.size());
    assertEquals(Duration.ofSeconds(61).toNanos(), ask(new Reserve(1, 1, 1)).waitNanos());
  }

  @Test
  void aClosedBucketStaysClosedAfterARestart() throws Exception {
    deploy(6_000, 0, 0);
    refuse(new Penalty(1, wall.plusSeconds(60), false));
    await(vertx.undeploy(deployed));
    deploy(6_000, 0, 0);
    assertEquals(Duration.ofSeconds(60).toNanos(), ask(new Reserve(1, 1, 1)).waitNanos());
  }

  @Test
  void aRestartDoesNotForgetWhatWasSpent() throws Exception {
    deploy(6_000, 0, 0);
    grantOf(new Reserve(1, 100, 100));
    await(vertx.undeploy(deployed));
    deploy(6_000, 0, 0);
    ask(new Reserve(1, 1, 1));
    long wait = ask(new Reserve(1, 1, 1)).waitNanos();
    assertTrue(wait > Duration.ofMillis(900).toNanos(), "the old slice is waited out, not " + wait);
  }

  @Test
  void aProjectRefusedForTheDayIsClosedUntilItTurnsInItsOwnZone() throws Exception {
    deploy(6_000, 0, 0);
    refuse(new Penalty(1, null, true));
    assertEquals(Instant.parse("2026-06-13T07:00:00Z"), books.closings.get(0).until());
    assertEquals(0, ask(new Reserve(2, 1, 1)).units(), "every user");
  }

  @Test
  void theDayTurnsRightWhenTheClocksChange() throws Exception {
    wall = Instant.parse("2026-11-01T07:30:00Z"); // half past midnight on a day of 25 hours
    deploy(6_000, 0, 0);
    refuse(new Penalty(1, null, true));
    assertEquals(Instant.parse("2026-11-02T08:00:00Z"), books.closings.get(0).until());
  }

  @Test
  void theDaysBudgetIsSpentOnceAndComesBackWithTheNextDay() throws Exception {
    deploy(0, 0, 2_500);
    long granted = 0;
    Grant last = null;
    for (int i = 0; i < 200; i++) {
      last = ask(new Reserve(i, 20, 20));
      granted += last.units();
    }
    assertEquals(2_500, granted);
    assertEquals("the project's quota of the day", last.why());
    assertEquals(Duration.ofHours(12).toNanos(), last.waitNanos());
    pass(Duration.ofHours(12));
    assertEquals(20, grantOf(new Reserve(1, 20, 20)).units());
  }

  @Test
  void aBudgetOfTheDayThatCannotBeHadIsNotStormedEither() throws Exception {
    books.broken = true;
    deploy(0, 0, 2_500);
    for (int i = 0; i < 5; i++) {
      assertEquals(0, ask(new Reserve(1, 20, 20)).units());
    }
    Grant told = ask(new Reserve(1, 20, 20));
    assertTrue(told.waitNanos() >= 100_000_000L, "wait " + told.waitNanos());
    books.broken = false;
    pass(Duration.ofNanos(told.waitNanos()));
    assertEquals(20, grantOf(new Reserve(1, 20, 20)).units());
  }

  @Test
  void aPersonsCallMayTouchTheReserve() throws Exception {
    deploy(6_000, 0, 0);
    assertEquals(80, grantOf(new Reserve(1, 100, 20)).units());
    assertEquals(0, ask(new Reserve(1, 20, 20)).units(), "the rest is held back");
    assertEquals(20, ask(new Reserve(1, 20, 20, true)).units());
  }

  @Test
  void aClosingThatCouldNotBeKeptIsTriedAgain() throws Exception {
    deploy(6_000, 0, 0);
    books.broken = true;
    refuse(new Penalty(1, wall.plusSeconds(60), false));
    assertEquals(Map.of(), books.closed);
    books.broken = false;
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (books.closed.isEmpty() && System.nanoTime() < deadline) {
      ask(new Reserve(1, 1, 1));
    }
    assertEquals(Map.of(Ledger.user(1), wall.plusSeconds(60)), books.closed);
  }

  @Test
  void unitsInHandAreNoGoodOnceGoogleHasClosedTheUser() throws Exception {
    deploy(6_000, 0, 0);
    grantOf(new Reserve(1, 20, 20));
    assertTrue(client.maySpend(1, System.nanoTime()));
    assertTrue(!client.maySpend(1, System.nanoTime() - 60_000_000), "too late for the jitter");
    refuse(new Penalty(1, Instant.now().plusSeconds(3_600), false));
    assertTrue(!client.maySpend(1, System.nanoTime()));
    assertTrue(client.maySpend(2, System.nanoTime()));
  }

  @Test
  void anotherClientIsAnnouncedAndTheRateStepsDown() throws Exception {
    deploy(6_000, 0, 0);
    grantOf(new Reserve(1, 80, 20));
    refuse(new Penalty(1, null, false));
    assertEquals(1, changes.size());
    assertEquals("quota:user:1", changes.get(0).what());
    assertEquals("another client spends this quota", changes.get(0).why());
    assertEquals(0, books.closings.size(), "no instant, no gate");
    assertTrue(ask(new Reserve(1, 20, 20)).waitNanos() > Duration.ofSeconds(1).toNanos());
  }

  @Test
  void afterOneLowCutTheDearestCallStillPassesWithinSeconds() throws Exception {
    deploy(6_000, 0, 0);
    grantOf(new Reserve(1, 20, 20));
    refuse(new Penalty(1, null, false));
    assertThreadPasses(Duration.ofSeconds(10));
  }

  @Test
  void afterOneLowCutItPassesBesideAnotherProcessWhosePiecesLieBetween() throws Exception {
    deploy(6_000, 0, 0);
    grantOf(new Reserve(1, 20, 20));
    refuse(new Penalty(1, null, false));
    books.between = Duration.ofSeconds(2).toNanos();
    assertThreadPasses(Duration.ofSeconds(40));
  }

  /** Waits as it is told, and is told so rarely. */
  private void assertThreadPasses(Duration within) throws Exception {
    long from = nanos;
    int asks = 0;
    Grant grant = ask(new Reserve(1, 40, 40));
    while (grant.units() == 0 && asks++ < 500) {
      pass(Duration.ofNanos(grant.waitNanos()));
      grant = ask(new Reserve(1, 40, 40));
    }
    assertEquals(40, grant.units(), "after " + (nanos - from) / 1_000_000 + " ms");
    assertTrue(nanos - from <= within.toNanos(), (nanos - from) / 1_000_000 + " ms");
    assertTrue(asks < 100, asks + " asks");
  }

  @Test
  void aBucketThatNobodyAsksForIsDroppedUnlessSomethingWasLearntOfIt() throws Exception {
    deploy(6_000, 0, 0);
    grantOf(new Reserve(1, 20, 20));
    grantOf(new Reserve(2, 20, 20));
    vertx.eventBus().send(QuotaMessages.PENALTY, new Penalty(2, null, false));
    grantOf(new Reserve(1, 1, 1));
    verticle.turn();
    assertEquals(2, verticle.buckets());
    pass(Duration.ofSeconds(121));
    verticle.turn();
    assertEquals(1, verticle.buckets());
    pass(Duration.ofMinutes(30));
    verticle.turn();
    assertEquals(0, verticle.buckets());
    assertEquals(20, grantOf(new Reserve(1, 20, 20)).units());
  }

  @Test
  void theDaysThresholdIsForeseen() throws Exception {
    deploy(0, 0, 10_000);
    for (int minute = 0; minute < 20 && changes.isEmpty(); minute++) {
      for (int i = 0; i < 10; i++) {
        ask(new Reserve(i, 20, 20));
      }
      pass(Duration.ofMinutes(1));
    }
    assertEquals("quota:day", changes.get(0).what());
    assertTrue(
        changes.get(0).why().startsWith("at this rate the day's threshold of 10000 units is"),
        changes.get(0).why());
  }

  private void deploy(long user, long project, long day) throws Exception {
    QuotaSettings settings =
        new QuotaSettings(
            new QuotaLimits(user, project, day, 10),
            Duration.ofMillis(400),
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            LA,
            1);
    verticle = new QuotaVerticle(settings, client, books, changes::add, () -> wall, () -> nanos);
    deployed = await(vertx.deployVerticle(verticle));
  }

  private void pass(Duration time) {
    wall = wall.plus(time);
    long later = nanos + time.toNanos();
    nanos = later;
  }

  private void refuse(Penalty penalty) throws Exception {
    vertx.eventBus().send(QuotaMessages.PENALTY, penalty);
    ask(new Reserve(99, 1, 1)); // answered after the penalty was heard
  }

  private Grant ask(Reserve reserve) throws Exception {
    return await(vertx.eventBus().<Grant>request(QuotaMessages.RESERVE, reserve)).body();
  }

  /** The first ask of a bucket only makes it lease; time stands still meanwhile. */
  private Grant grantOf(Reserve reserve) throws Exception {
    Grant grant = ask(reserve);
    for (int i = 0; i < 5 && grant.units() == 0; i++) {
      grant = ask(reserve);
    }
    return grant;
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
