package io.millrace.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LowWaterTest {
  private final LowWater low = new LowWater();

  @Test
  void looksAtAllFirstAndThenWhereWorkWas() {
    assertEquals(Long.MIN_VALUE, low.from(1_000));
    low.full(70);
    low.looked(Long.MIN_VALUE, 100, 1_100);
    assertEquals(70, low.from(1_100));
    low.full(90);
    low.looked(70, 10, 1_110);
    assertEquals(90, low.from(3_099));
  }

  @Test
  void aWholeLookIsDueAfterTwentyTimesWhatTheLastTook() {
    low.looked(Long.MIN_VALUE, 100, 1_000);
    low.full(70);
    assertEquals(70, low.from(2_999));
    assertEquals(1, low.rest(2_999));
    assertEquals(Long.MIN_VALUE, low.from(3_000));
  }

  @Test
  void findingLittleChangesNothing() {
    low.looked(Long.MIN_VALUE, 100, 1_000);
    low.full(70);
    low.looked(70, 1, 1_500);
    assertEquals(70, low.from(1_500));
  }
}
