package io.millrace.google;

import static io.millrace.google.Peer.gzip;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.google.GoogleFailure.Malformed;
import io.millrace.google.GoogleFailure.TooLarge;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GzipTest {
  private final byte[] text = new byte[10_000];

  GzipTest() {
    new Random(1).nextBytes(text);
  }

  @Test
  void theWholeComesBackEvenIfItIsExactlyAsLongAsAllowed() {
    assertArrayEquals(text, Gzip.inflate(gzip(text), 100_000));
    assertArrayEquals(text, Gzip.inflate(gzip(text), text.length));
    assertEquals(0, Gzip.inflate(gzip(new byte[0]), 10).length);
  }

  @Test
  void oneByteTooManyIsTooMany() {
    assertInstanceOf(TooLarge.class, failure(gzip(text), text.length - 1));
  }

  @Test
  void aBombIsStoppedAtTheBound() {
    byte[] bomb = gzip(new byte[50_000_000]);
    assertInstanceOf(TooLarge.class, failure(bomb, 1_000_000));
    // Its trailer may lie about its length.
    Arrays.fill(bomb, bomb.length - 4, bomb.length, (byte) 0);
    assertInstanceOf(TooLarge.class, failure(bomb, 1_000_000));
    assertInstanceOf(Malformed.class, failure(bomb, 60_000_000));
  }

  @Test
  void everyCutIsNoticed() {
    byte[] zip = gzip(Arrays.copyOf(text, 300));
    for (int i = 0; i < zip.length; i++) {
      assertInstanceOf(Malformed.class, failure(Arrays.copyOf(zip, i), 100_000));
    }
  }

  @Test
  void everyFlippedByteIsNoticedOrHarmless() {
    byte[] zip = gzip(Arrays.copyOf(text, 300));
    for (int i = 0; i < zip.length; i++) {
      byte[] broken = zip.clone();
      broken[i] ^= 0x55;
      try {
        assertArrayEquals(Arrays.copyOf(text, 300), Gzip.inflate(broken, 100_000));
      } catch (GoogleException e) {
        assertInstanceOf(Malformed.class, e.failure());
      }
    }
  }

  private static GoogleFailure failure(byte[] zip, long limit) {
    return assertThrows(GoogleException.class, () -> Gzip.inflate(zip, limit)).failure();
  }
}
