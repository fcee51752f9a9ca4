package io.millrace.engine;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.store.JobOptions;
import io.millrace.store.NewJob;
import io.millrace.store.StoreTestKit;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What goes through the database with a job: trace, deadline, progress, failed attempts. */
@Timeout(60)
class KeptWithJobTest {
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private final EngineTestKit kit = new EngineTestKit();

  @AfterEach
  void close() throws Exception {
    kit.close();
  }

  private long enqueue(JobOptions options) throws Exception {
    NewJob job = NewJob.of(1, kit.kind, "{\"n\":1}").with(options);
    long id = await(kit.jobs.enqueue(StoreTestKit.pool(), List.of(job))).get(0);
    kit.wake();
    return id;
  }

  @Test
  void theTraceReachesTheRun() throws Exception {
    kit.start(job -> Future.succeededFuture(new Outcome.Completed(job.trace().trace())));
    long id = enqueue(JobOptions.NONE.trace(TRACE));
    kit.until("completed", List.of(id));
    assertEquals(
        TRACE.substring(3, 35),
        one(String.class, "select note from job_outcome where id = $1", id));
  }

  @Test
  void aJobWhoseDeadlineHasPassedIsDeadAndNotRun() throws Exception {
    kit.start(job -> Future.failedFuture(new AssertionError("it ran")));
    long id = enqueue(JobOptions.NONE.deadline(Instant.now().minusSeconds(5)));
    kit.until("dead", List.of(id));
    assertEquals("deadline", one(String.class, "select reason from job_dead where id = $1", id));
  }

  @Test
  void progressIsKeptWhileItRunsAndNotAfter() throws Exception {
    Promise<Outcome> end = Promise.promise();
    kit.start(
        job -> {
          job.progress(3, 10, "a third");
          return end.future();
        });
    long id = enqueue(JobOptions.NONE);
    while (number(
            "select count(*) from job_progress where id = $1 and progress ->> 'done' = '3'", id)
        == 0) {
      Thread.onSpinWait();
    }
    end.complete(new Outcome.Completed(null));
    kit.until("completed", List.of(id));
    assertEquals(0, number("select count(*) from job_progress where id = $1", id));
  }

  @Test
  void theLastTenFailedAttemptsStayWithADeadJob() throws Exception {
    kit.settings = new KindSettings(4, kit.settings.timeout(), 13);
    kit.start(job -> Future.failedFuture(new IllegalStateException("no luck")));
    long id = enqueue(JobOptions.NONE);
    kit.until("dead", List.of(id));
    assertEquals(
        10, number("select jsonb_array_length(attempts)::bigint from job_dead where id = $1", id));
    assertEquals(
        "12",
        one(String.class, "select attempts -> 9 ->> 'attempt' from job_dead where id = $1", id));
  }
}
