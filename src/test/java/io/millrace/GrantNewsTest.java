package io.millrace;

import static io.millrace.OwnersTestKit.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.MessageFormat;
import io.millrace.store.Database;
import io.millrace.store.StoreTestKit;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A mailbox is disconnected in one process, and another that held its token asks Google no more.
 */
@Timeout(120)
class GrantNewsTest {
  @Test
  void whatOneProcessDisconnectsAllForget() throws Exception {
    try (OwnersTestKit kit = new OwnersTestKit(100)) {
      Vertx vertx = Vertx.vertx();
      Database elsewhere =
          await(
              Database.open(
                  vertx,
                  StoreTestKit.through(
                      kit.database.embeddedPort(), kit.database, Duration.ofSeconds(10))));
      Millrace other = await(Millrace.start(vertx, kit.configuration(), elsewhere));
      try {
        long user =
            await(
                kit.millrace
                    .mailboxes()
                    .connect(kit.alice, kit.simulator.accounts().get(0).refreshToken()));
        await(kit.millrace.sync(List.of(user)));
        kit.until(
            "/api/v1/mailboxes/" + user,
            OwnersTestKit.ALICE,
            at -> "complete".equals(at.getString("phase")));
        Deque<String> ids = ids(kit.database, user);
        assertNull(lacking(other, user, ids.pop()), "it holds a token");
        assertTrue(await(kit.millrace.switches().disconnect(user)));
        String told = null;
        // Nothing else ends the token: without word of it the last message would be read as well.
        while (told == null && !ids.isEmpty()) {
          await(vertx.timer(20, TimeUnit.MILLISECONDS));
          told = lacking(other, user, ids.pop());
        }
        assertEquals("The mailbox has to be connected again: no permission is on record.", told);
      } finally {
        await(other.stop());
        await(elsewhere.close());
        await(vertx.close());
      }
    }
  }

  private static Deque<String> ids(Database database, long user) throws Exception {
    Deque<String> ids = new ArrayDeque<>();
    await(
            database
                .pool()
                .preparedQuery("select id from message where user_id = $1 and format = 'metadata'")
                .execute(Tuple.of(user)))
        .forEach(row -> ids.add(row.getString("id")));
    return ids;
  }

  /** Why a message cannot be fetched whole; null if it was. */
  private static String lacking(Millrace by, long user, String id) throws Exception {
    return await(by.reader().read(user, id, MessageFormat.FULL)).orElseThrow().lacking();
  }
}
