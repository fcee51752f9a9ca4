package io.millrace;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BlockedLoopsTest {
  @Test
  void aBlockedEventLoopIsNoticed() throws Exception {
    Vertx vertx = Vertx.vertx();
    CountDownLatch release = new CountDownLatch(1);
    vertx.runOnContext(v -> hold(release));
    String warning = BlockedLoops.awaitOne(10, TimeUnit.SECONDS);
    release.countDown();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    assertNotNull(warning);
    assertTrue(warning.contains("BlockedLoopsTest"), warning);
    BlockedLoops.taken();
  }

  private static void hold(CountDownLatch release) {
    try {
      release.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
