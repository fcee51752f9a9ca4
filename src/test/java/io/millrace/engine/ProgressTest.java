package io.millrace.engine;

import static io.millrace.store.StoreTestKit.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.RunKey;
import io.millrace.store.StoreTestKit;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** However often a handler tells how far it is, it is kept now and then, and the last word is. */
@Timeout(20)
class ProgressTest {
  @Test
  void isKeptAtMostOnceASecondAndTheLastWordIsKept() throws Exception {
    List<String> kept = new CopyOnWriteArrayList<>();
    Progress progress =
        new Progress(
            StoreTestKit.VERTX,
            new RunKey(1, 2, 3),
            (key, json) -> {
              kept.add(json);
              return kept.size() == 1
                  ? Future.failedFuture("the database is away")
                  : Future.succeededFuture();
            });
    long begun = System.nanoTime();
    for (int i = 1; i <= 100_000; i++) {
      progress.tell(i, i < 50_000 ? -1 : 100_000, "messages");
    }
    long seconds = (System.nanoTime() - begun) / 1_000_000_000L;
    assertTrue(kept.size() <= 2 + seconds, kept.toString());
    while (new JsonObject(kept.get(kept.size() - 1)).getInteger("done") < 100_000) {
      await(StoreTestKit.VERTX.timer(20, TimeUnit.MILLISECONDS));
    }
    JsonObject last = new JsonObject(kept.get(kept.size() - 1));
    assertEquals(100_000, last.getInteger("total"));
    assertTrue(new JsonObject(kept.get(0)).getValue("total") == null);
    int before = kept.size();
    progress.end();
    progress.tell(1, 1, null);
    assertEquals(before, kept.size());
  }
}
