package io.millrace.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Nobody asks more often than they may, and nobody else pays for it. */
class RatesTest {
  private final AtomicLong now = new AtomicLong(1_000);

  @Test
  void aCallerIsPutOffAndLetInAgain() {
    Rates rates = new Rates(10, 1_000, now::get);
    for (int i = 0; i < 20; i++) {
      assertEquals(0, rates.ask("a"));
    }
    assertEquals(1, rates.ask("a"));
    assertEquals(0, rates.ask("b"));
    now.addAndGet(100_000_000);
    assertEquals(0, rates.ask("a"));
    assertEquals(1, rates.ask("a"));
  }

  @Test
  void allTogetherAreBounded() {
    Rates rates = new Rates(100, 100, now::get);
    int let = 0;
    for (int i = 0; i < 1_000; i++) {
      let += rates.ask("caller " + i) == 0 ? 1 : 0;
    }
    assertEquals(200, let);
  }

  @Test
  void guessingIsSlow() {
    Rates rates = new Rates(100, 100, now::get);
    for (int i = 0; i < 20; i++) {
      assertEquals(0, rates.barred("here"));
      rates.wrong("here");
    }
    assertTrue(rates.barred("here") > 0);
    assertEquals(0, rates.barred("there"));
    now.addAndGet(4_000_000_000L);
    assertEquals(0, rates.barred("here"));
  }
}
