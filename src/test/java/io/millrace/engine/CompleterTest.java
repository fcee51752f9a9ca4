package io.millrace.engine;

import static io.millrace.store.StoreTestKit.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.store.ClaimedJob;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.NewJob;
import io.millrace.store.RunKey;
import io.millrace.store.Settlement;
import io.millrace.store.StoreTestKit;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Outcomes on their way into the database. */
@Timeout(30)
class CompleterTest {
  private static final String KIND = "completer-test";

  private final Vertx vertx = StoreTestKit.VERTX;
  private final Jobs jobs = new Jobs(StoreTestKit.pool(), new Kinds(StoreTestKit.pool()));

  @Test
  void oneThatIsRefusedDoesNotHoldUpTheOthers() throws Exception {
    List<NewJob> enqueued = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      enqueued.add(NewJob.of(77, KIND, "{}"));
    }
    await(jobs.enqueue(StoreTestKit.pool(), enqueued));
    List<ClaimedJob> claimed =
        await(jobs.claim(1, List.of(new Jobs.Want(KIND, 5, 60_000, Long.MIN_VALUE))));
    List<Completer.Ended> freed = new ArrayList<>();
    Promise<Void> all = Promise.promise();
    List<RunKey> unwritable = new ArrayList<>();
    Completer completer =
        new Completer(
            vertx,
            vertx.getOrCreateContext(),
            jobs.endings(),
            ended -> {
              freed.addAll(ended);
              if (freed.size() == 5) {
                all.complete();
              }
            },
            () -> {},
            unwritable::add,
            new Outage(System::nanoTime));

    for (int i = 0; i < 5; i++) {
      // No such state: PostgreSQL refuses it.
      String state = i == 2 ? "nonsense" : "completed";
      completer.settle(
          new Completer.Ended(
              claimed.get(i), new Settlement.Finished(claimed.get(i).key(), state, null)));
    }
    await(all.future());
    assertEquals(List.of(claimed.get(2).key()), unwritable);

    assertEquals(4, StoreTestKit.number("select count(*) from job_outcome where user_id = 77"));
    assertEquals(1, StoreTestKit.number("select count(*) from job_running where user_id = 77"));
  }
}
