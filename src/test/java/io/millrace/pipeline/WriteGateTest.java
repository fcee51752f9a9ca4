package io.millrace.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.limit.LimitChanged;
import io.millrace.store.DatabaseException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The gate before a database whose latency a test decides. */
@Timeout(30)
@ExtendWith(VertxExtension.class)
class WriteGateTest {
  private static final int MOST = 8;
  private static final long MS = 1_000_000;
  private static final Duration LONG = Duration.ofMinutes(1);

  private final List<LimitChanged> changes = new ArrayList<>();
  private final List<Promise<Void>> open = new ArrayList<>();
  private Vertx vertx;
  private long now;

  @BeforeEach
  void start(Vertx given) {
    vertx = given;
  }

  private WriteGate gate(int most, Duration patience) {
    return new WriteGate(vertx, most, patience, changes::add, () -> now);
  }

  private Future<Void> write(WriteGate gate, int messages) {
    return gate.write(
        messages,
        0,
        () -> {
          Promise<Void> one = Promise.promise();
          open.add(one);
          return one.future();
        });
  }

  /** So many transactions as the gate lets through at once, again and again. */
  private void load(WriteGate gate, int rounds, int messages, long latency) {
    for (int i = 0; i < rounds; i++) {
      int most = gate.limit();
      for (int n = 0; n < most; n++) {
        write(gate, messages);
      }
      now += latency;
      finish();
    }
  }

  private void finish() {
    List<Promise<Void>> ended = List.copyOf(open);
    open.clear();
    ended.forEach(one -> one.complete());
  }

  @Test
  void aSlowDatabaseGetsFewerAndAQuickOneAllOfThemAgain() {
    WriteGate gate = gate(MOST, LONG);
    load(gate, 40, 250, 20 * MS);
    assertEquals(MOST, gate.limit());
    assertEquals(List.of(), changes);

    load(gate, 40, 250, 200 * MS);
    int least = gate.limit();
    assertTrue(least < MOST - 2, "still " + least);
    assertEquals(
        new LimitChanged("writes:mail", MOST, changes.get(0).now(), changes.get(0).why()),
        changes.get(0));

    load(gate, 60, 250, 20 * MS);
    assertEquals(MOST, gate.limit());
  }

  @Test
  void aLargeBatchIsNotASlowDatabase() {
    WriteGate gate = gate(MOST, LONG);
    for (int i = 0; i < 10; i++) {
      load(gate, 5, 1, 6 * MS);
      load(gate, 5, 250, 24 * MS);
    }
    assertEquals(MOST, gate.limit());
    assertEquals(List.of(), changes);
  }

  @Test
  void whatIsLostWithTheDatabaseCountsAndWhatIsFencedDoesNot() {
    WriteGate gate = gate(MOST, LONG);
    for (int i = 0; i < 100; i++) {
      gate.write(1, 0, () -> Future.failedFuture(new IllegalStateException("fenced")));
    }
    assertEquals(MOST, gate.limit());
    for (int i = 0; i < 300; i++) {
      gate.write(1, 0, () -> Future.failedFuture(new DatabaseException("It is away.")));
    }
    assertEquals(1, gate.limit());
  }

  @Test
  void whatIsOverWaitsInOrder() {
    WriteGate gate = gate(1, LONG);
    List<Integer> begun = new ArrayList<>();
    List<Promise<Void>> ends = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int number = i;
      Promise<Void> end = Promise.promise();
      ends.add(end);
      gate.write(
          1,
          0,
          () -> {
            begun.add(number);
            return end.future();
          });
    }
    assertEquals(List.of(0), begun);
    ends.get(0).complete();
    assertEquals(List.of(0, 1), begun);
    ends.get(1).fail("it may fail");
    assertEquals(List.of(0, 1, 2), begun);
  }

  @Test
  void whoseTurnDoesNotComeInTimeIsToldSoAndTakesNobodysTurn() throws Exception {
    WriteGate gate = gate(1, Duration.ofMillis(5));
    Future<Void> first = write(gate, 1);
    Future<Void> second = write(gate, 1);
    ExecutionException late = assertThrows(ExecutionException.class, () -> await(second));
    assertInstanceOf(DatabaseException.class, late.getCause());
    assertFalse(first.isComplete());
    finish();
    assertTrue(first.succeeded());
    Future<Void> third = write(gate, 1);
    finish();
    assertTrue(third.succeeded());
  }

  private static void await(Future<Void> future) throws Exception {
    future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
