package io.millrace.engine;

import static io.millrace.store.StoreTestKit.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.store.ClaimedJob;
import io.millrace.store.Jobs;
import io.millrace.store.Kinds;
import io.millrace.store.NewJob;
import io.millrace.store.Settlement;
import io.millrace.store.StoreTestKit;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    List<ClaimedJob> claimed = await(jobs.claim(1, Map.of(KIND, 5), Map.of(KIND, 60_000L)));
    Completer completer = new Completer(vertx, vertx.getOrCreateContext(), jobs);

    List<Future<Void>> settled = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      // No such state: the table's check refuses it.
      String state = i == 2 ? "nonsense" : "completed";
      settled.add(completer.settle(new Settlement.Finished(claimed.get(i).key(), state, null)));
    }
    await(Future.all(settled));

    assertEquals(4, StoreTestKit.number("select count(*) from job_outcome where user_id = 77"));
    assertEquals(1, StoreTestKit.number("select count(*) from job_running where user_id = 77"));
  }
}
