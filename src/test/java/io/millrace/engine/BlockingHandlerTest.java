package io.millrace.engine;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Context;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Handlers in plain blocking Java have threads of their own, and end when they should. */
@Timeout(60)
class BlockingHandlerTest {
  /** What such a handler does. */
  interface Work {
    Outcome perform(JobContext<EngineTestKit.Payload> job) throws Exception;
  }

  record Handler(String kind, Threading threading, Work work)
      implements BlockingJobHandler<EngineTestKit.Payload> {
    @Override
    public Class<EngineTestKit.Payload> payload() {
      return EngineTestKit.Payload.class;
    }

    @Override
    public Outcome perform(JobContext<EngineTestKit.Payload> job) throws Exception {
      return work.perform(job);
    }
  }

  private final EngineTestKit kit = new EngineTestKit();

  @AfterEach
  void close() throws Exception {
    kit.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = JobHandler.Threading.class,
      names = {"WORKER", "VIRTUAL"})
  void mayWaitThrowAndAnswerNothing(JobHandler.Threading threading) throws Exception {
    kit.start(
        new Handler(
            kit.kind,
            threading,
            job -> {
              assertFalse(Context.isOnEventLoopThread());
              return switch (job.payload().n()) {
                case 0 -> throw new java.io.IOException("thrown");
                case 1 -> null;
                case 2 -> throw new AssertionError("an error");
                default -> {
                  job.await(job.write(tx -> tx.checkpoint("{\"n\":1}")));
                  job.await(job.write(tx -> tx.complete("written")));
                  yield new Outcome.Completed(null);
                }
              };
            }));
    List<Long> ids = kit.enqueue(20);
    kit.until("dead", ids.subList(0, 3));
    kit.until("completed", ids.subList(3, 20));
  }

  @ParameterizedTest
  @EnumSource(
      value = JobHandler.Threading.class,
      names = {"WORKER", "VIRTUAL"})
  void isInterruptedAtItsDeadlineAndItsThreadServesTheNext(JobHandler.Threading threading)
      throws Exception {
    kit.settings = new KindSettings(2, Duration.ofMillis(150), 2);
    kit.grace = Duration.ofMillis(200);
    Promise<Throwable> caught = Promise.promise();
    CountDownLatch never = new CountDownLatch(1);
    kit.start(
        new Handler(
            kit.kind,
            threading,
            job -> {
              if (job.payload().n() > 1) {
                assertFalse(Thread.currentThread().isInterrupted());
                return new Outcome.Completed(null);
              }
              try {
                never.await();
              } catch (InterruptedException e) {
                caught.tryComplete(e);
                throw e;
              }
              return null;
            }));
    List<Long> ids = kit.enqueue(10);
    assertInstanceOf(InterruptedException.class, await(caught.future()));
    kit.until("dead", ids.subList(0, 2));
    kit.until("completed", ids.subList(2, 10));
    assertEquals(
        2,
        number(
            "select count(*) from job_dead where error->>'failure' = 'timeout' and id = any($1)",
            (Object) ids.toArray(Long[]::new)));
  }

  @ParameterizedTest
  @EnumSource(
      value = JobHandler.Threading.class,
      names = {"WORKER", "VIRTUAL"})
  void asManyRunAtOnceAsThereAreSlots(JobHandler.Threading threading) throws Exception {
    kit.settings = new KindSettings(30, Duration.ofSeconds(20), 2);
    AtomicInteger there = new AtomicInteger();
    CountDownLatch all = new CountDownLatch(30);
    kit.start(
        new Handler(
            kit.kind,
            threading,
            job -> {
              there.incrementAndGet();
              all.countDown();
              all.await();
              return new Outcome.Completed(null);
            }));
    kit.until("completed", kit.enqueue(30));
    assertTrue(there.get() == 30);
  }
}
