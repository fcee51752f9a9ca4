package io.millrace.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.limit.QuotaMessages.Grant;
import io.millrace.limit.QuotaMessages.Reserve;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the asker does with the answers it gets. */
@Timeout(30)
class QuotaClientTest {
  private static final Instant NOW = Instant.parse("2026-06-12T19:00:00Z");
  private static final long MS = 1_000_000;

  private final Vertx vertx = Vertx.vertx();
  private final QuotaClient client = new QuotaClient(vertx, Duration.ofMillis(500), () -> NOW);
  private final AtomicInteger asked = new AtomicInteger();

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  @Test
  void aShortWaitIsWaitedAndAskedAgain() throws Exception {
    answers(new Grant(0, 0, 20 * MS, "soon"), granted(20));
    assertEquals(20, await(client.take(1, 20, 20)));
    assertEquals(2, asked.get());
  }

  @Test
  void aLongWaitComesBackAtOnceWithItsInstantAndReason() throws Exception {
    answers(new Grant(0, 0, 501 * MS, "the user's quota"));
    QuotaWait wait = wait(client.take(1, 20, 20));
    assertEquals(NOW.plusMillis(501), wait.until());
    assertEquals("the user's quota", wait.getMessage());
    assertEquals(1, asked.get());
  }

  @Test
  void manyShortWaitsDoNotAddUpToALongOne() throws Exception {
    Grant[] short20 = new Grant[100];
    java.util.Arrays.fill(short20, new Grant(0, 0, 50 * MS, "busy"));
    answers(short20);
    wait(client.take(1, 20, 20));
    assertEquals(true, asked.get() <= 11, "asked " + asked.get());
  }

  @Test
  void unitsThatComeTooLateAreGivenUp() throws Exception {
    answers(new Grant(20, System.nanoTime() - 1, 0, null), granted(20));
    assertEquals(20, await(client.take(1, 20, 20)));
    assertEquals(2, asked.get());
  }

  @Test
  void anAskerWhoseUnitsAlwaysComeTooLateGivesUp() throws Exception {
    await(
        vertx
            .eventBus()
            .<Reserve>localConsumer(
                QuotaMessages.RESERVE, m -> m.reply(new Grant(20, System.nanoTime() - 1, 0, null)))
            .completion());
    QuotaWait wait = wait(client.take(1, 20, 20));
    assertEquals(NOW.plusMillis(500), wait.until());
    assertEquals("a busy event loop", wait.getMessage());
  }

  @Test
  void theAnswerComesOnTheAskersContext() throws Exception {
    answers(new Grant(0, 0, 5 * MS, "soon"), granted(20));
    Context context = vertx.getOrCreateContext();
    Promise<Context> answered = Promise.promise();
    context.runOnContext(
        v -> client.take(1, 20, 20).onComplete(u -> answered.complete(Vertx.currentContext())));
    assertSame(context, await(answered.future()));
  }

  @Test
  void withoutAnybodyToAskItFails() {
    ExecutionException failed =
        assertThrows(ExecutionException.class, () -> await(client.take(1, 20, 20)));
    assertEquals(io.vertx.core.eventbus.ReplyException.class, failed.getCause().getClass());
  }

  private static Grant granted(int units) {
    return new Grant(units, System.nanoTime() + 60_000 * MS, 0, null);
  }

  private void answers(Grant... grants) throws Exception {
    Queue<Grant> left = new ArrayDeque<>(List.of(grants));
    await(
        vertx
            .eventBus()
            .<Reserve>localConsumer(
                QuotaMessages.RESERVE,
                m -> {
                  asked.incrementAndGet();
                  m.reply(left.poll());
                })
            .completion());
  }

  private static QuotaWait wait(Future<Integer> taken) {
    return (QuotaWait) assertThrows(ExecutionException.class, () -> await(taken)).getCause();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
