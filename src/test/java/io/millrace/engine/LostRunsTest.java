package io.millrace.engine;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.NewJob;
import io.millrace.store.StoreTestKit;
import io.millrace.store.Workers;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who looks for lost runs only when there can be some misses none of them. */
@Timeout(60)
class LostRunsTest {
  private static final String KIND = "lost-runs";
  private static final Duration GRACE = Duration.ofSeconds(60);

  private final Jobs jobs = new Jobs(pool(), new Kinds(pool()));
  private final Workers workers = new Workers(pool());
  private LostRuns lost;

  @BeforeEach
  void lookOnce() throws Exception {
    lost = new LostRuns(workers, jobs.endings(), GRACE, Duration.ofMinutes(2), Map.of(KIND, 5));
    while (await(lost.take()).count() > 0) {
      // What other tests have left behind.
    }
  }

  @Test
  void allThatAWorkerRanIsBackAtTheFirstLookAfterItsEndHoweverMuch() throws Exception {
    int worker = claim(2_500);
    assertEquals(0, await(lost.take()).count());
    StoreTestKit.run("update worker set expires_at = clock() where id = $1", worker);
    int back = 0;
    for (int look = 0; look < 3; look++) {
      back += (int) await(lost.take()).count();
    }
    assertEquals(2_500, back);
  }

  @Test
  void whatIsLockedAtTheFirstLookIsBackAtTheNext() throws Exception {
    int worker = claim(2);
    StoreTestKit.run("update worker set expires_at = clock() where id = $1", worker);
    await(
        pool()
            .withTransaction(
                c ->
                    c.query("select from job_running limit 1 for update")
                        .execute()
                        .compose(v -> lost.take())
                        .map(some -> check(1, some.count()))));
    // By then the worker's end is no news any more.
    StoreTestKit.run(
        "update worker set expires_at = clock() - interval '10 minutes' where id = $1", worker);
    assertEquals(1, await(lost.take()).count());
  }

  @Test
  void aRunWithoutAWorkerIsLostToo() throws Exception {
    int worker = claim(1);
    StoreTestKit.run("update job_running set deadline = clock() - interval '1 hour'");
    int other = claim(1);
    StoreTestKit.run("update worker set stopped_at = clock() where id = $1", other);
    assertEquals(2, await(lost.take()).count(), "one overran, one has lost its worker");
    await(workers.stop(worker));
  }

  private static Void check(long expected, long found) {
    assertEquals(expected, found);
    return null;
  }

  /** Claims so many in the name of a new worker. */
  private int claim(int many) throws Exception {
    NewJob job = NewJob.of(1, KIND, "{}");
    await(jobs.enqueue(pool(), Collections.nCopies(many, job)));
    int worker = await(workers.register("here", 1, 3_600_000, false));
    List<Jobs.Want> want = List.of(new Jobs.Want(KIND, many, 3_600_000, Long.MIN_VALUE));
    assertEquals(many, await(jobs.claim(worker, want)).size());
    return worker;
  }
}
