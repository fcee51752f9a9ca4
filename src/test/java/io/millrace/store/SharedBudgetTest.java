package io.millrace.store;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.limit.DayPolicy;
import io.millrace.limit.QuotaClient;
import io.millrace.limit.QuotaLimits;
import io.millrace.limit.QuotaSettings;
import io.millrace.limit.QuotaVerticle;
import io.millrace.limit.QuotaWait;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two processes on one database, each a Vert.x of its own: they share one budget and one gate. */
@Timeout(90)
class SharedBudgetTest {
  private static final int SCALE = 10;
  private static final long MINUTE_NANOS = 60_000_000_000L / SCALE;
  private static final int LIMIT = 6_000;
  private static final int CALL = 20;

  private record Spent(long at, int units) {}

  private static final class Node {
    final Vertx vertx = Vertx.vertx();
    final QuotaClient quota;

    Node() throws Exception {
      Duration patience = Duration.ofMillis(300);
      quota = new QuotaClient(vertx, patience, InstantSource.system());
      QuotaSettings settings =
          new QuotaSettings(
              new QuotaLimits(LIMIT, LIMIT, 0, 10),
              Duration.ofMillis(400),
              Duration.ofSeconds(2),
              patience,
              ZoneOffset.UTC,
              DayPolicy.WARN,
              SCALE);
      QuotaLedger ledger = new QuotaLedger(pool(), SCALE);
      await(
          vertx.deployVerticle(
              new QuotaVerticle(
                  settings, quota, ledger, c -> {}, InstantSource.system(), System::nanoTime)));
    }

    /** Takes units one call after the other until an instant; tells of each. */
    Future<Void> spend(long user, long until, ConcurrentLinkedQueue<Spent> spent) {
      return vertx.executeBlocking(
          () -> {
            while (System.nanoTime() < until) {
              try {
                int units = await(quota.take(user, CALL, CALL));
                spent.add(new Spent(System.nanoTime(), units));
              } catch (QuotaWait e) {
                await(vertx.timer(5, TimeUnit.MILLISECONDS));
              }
            }
            return null;
          },
          false);
    }
  }

  private final List<Node> nodes = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    StoreTestKit.run("delete from quota_ledger");
    nodes.add(new Node());
    nodes.add(new Node());
  }

  @AfterEach
  void stop() throws Exception {
    for (Node node : nodes) {
      await(node.vertx.close());
    }
  }

  @Test
  @Tag("slow")
  void twoProcessesTogetherNeverSpendMoreThanTheLimitInAnyMinute() throws Exception {
    ConcurrentLinkedQueue<Spent> spent = new ConcurrentLinkedQueue<>();
    long until = System.nanoTime() + 3 * MINUTE_NANOS;
    List<Future<Void>> all = new ArrayList<>();
    for (Node node : nodes) {
      for (int i = 0; i < 4; i++) {
        all.add(node.spend(1, until, spent));
      }
    }
    await(Future.all(all));
    List<Spent> inOrder = spent.stream().sorted(Comparator.comparingLong(Spent::at)).toList();
    Deque<Spent> window = new ArrayDeque<>();
    long sum = 0;
    long most = 0;
    long total = 0;
    for (Spent one : inOrder) {
      window.add(one);
      sum += one.units();
      total += one.units();
      while (window.getFirst().at() <= one.at() - MINUTE_NANOS) {
        sum -= window.removeFirst().units();
      }
      most = Math.max(most, sum);
    }
    assertTrue(most <= LIMIT, most + " units in a minute");
    // How much of it is a matter of free processors, and of the bench.
    assertTrue(total > LIMIT, total + " units in three minutes");
  }

  @Test
  void whatGoogleToldOneProcessTheOtherKnowsByItsNextLease() throws Exception {
    AtomicInteger passed = new AtomicInteger();
    Node first = nodes.get(0);
    Node second = nodes.get(1);
    assertEquals(CALL, await(second.quota.take(2, CALL, CALL)));
    Instant until = Instant.now().plusSeconds(600);
    first.quota.refused(2, until, false);
    long end = System.nanoTime() + 20_000_000_000L;
    QuotaWait wait = null;
    while (wait == null && System.nanoTime() < end) {
      try {
        await(second.quota.take(2, CALL, CALL));
        passed.incrementAndGet();
      } catch (QuotaWait e) {
        wait = e.until().isAfter(until.minusSeconds(60)) ? e : null;
      }
    }
    assertTrue(wait != null, "the other process went on: " + passed + " calls passed");
    assertTrue(passed.get() <= LIMIT / CALL, passed + " calls passed");
    assertThrows(QuotaWait.class, () -> await(second.quota.take(2, CALL, CALL)));
    assertEquals(CALL, await(second.quota.take(3, CALL, CALL)), "others go on");
  }

  @Test
  void whatConcernsAllIsSeenByTheOtherAsWell() throws Exception {
    Node second = nodes.get(1);
    assertEquals(CALL, await(second.quota.take(4, CALL, CALL)));
    Instant until = Instant.now().plusSeconds(600);
    nodes.get(0).quota.refusedAll(until);
    long end = System.nanoTime() + 20_000_000_000L;
    boolean seen = false;
    while (!seen && System.nanoTime() < end) {
      try {
        await(second.quota.take(4, CALL, CALL));
      } catch (QuotaWait e) {
        seen = e.until().isAfter(until.minusSeconds(60));
      }
    }
    assertTrue(seen);
    QuotaWait wait = assertThrows(QuotaWait.class, () -> await(second.quota.take(5, CALL, CALL)));
    assertTrue(wait.until().isAfter(until.minusSeconds(60)), "" + wait.until());
  }
}
