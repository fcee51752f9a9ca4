package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** However many ask, the database is asked once, and again when the answer is no longer fresh. */
class SharedReadTest {
  private final List<Promise<Integer>> asked = new ArrayList<>();
  private long now;

  private SharedRead<Integer> reads(long freshMs) {
    return new SharedRead<>(this::ask, 10_000, freshMs, () -> now);
  }

  private Future<Integer> ask() {
    Promise<Integer> promise = Promise.promise();
    asked.add(promise);
    return promise.future();
  }

  private void passes(long ms) {
    now += TimeUnit.MILLISECONDS.toNanos(ms);
  }

  @Test
  void anAnswerIsSharedForAsLongAsItIsFresh() {
    SharedRead<Integer> read = reads(500);
    Future<Integer> first = read.get();
    read.get();
    passes(10);
    asked.get(0).complete(1);
    assertEquals(1, first.result());
    passes(499);
    assertEquals(1, read.get().result());
    assertEquals(1, asked.size());
    passes(1);
    read.get();
    assertEquals(2, asked.size());
  }

  @Test
  void whatTookLongRestsTenTimesAsLong() {
    SharedRead<Integer> read = reads(500);
    read.get();
    passes(200);
    asked.get(0).complete(1);
    passes(1_999);
    read.get();
    assertEquals(1, asked.size());
    passes(1);
    read.get();
    assertEquals(2, asked.size());
  }

  @Test
  void afterAChangeAndAfterAFailureItIsAskedAnew() {
    SharedRead<Integer> read = reads(500);
    Future<Integer> failed = read.get();
    asked.get(0).fail("away");
    assertTrue(failed.failed());
    read.get();
    asked.get(1).complete(1);
    Future<Integer> fresh = read.get();
    assertSame(fresh, read.get());
    read.forget();
    assertNotSame(fresh, read.get());
    assertEquals(3, asked.size());
  }

  @Test
  void whatWasAskedBeforeAChangeIsNotKept() {
    SharedRead<Integer> read = reads(500);
    read.get();
    read.forget();
    read.get();
    asked.get(0).complete(1);
    asked.get(1).complete(2);
    assertEquals(2, read.get().result());
  }

  @Test
  void withoutATimeOnlyWhoComesMeanwhileShares() {
    SharedRead<Integer> read = reads(0);
    read.get();
    read.get();
    asked.get(0).complete(1);
    read.get();
    assertEquals(2, asked.size());
  }
}
