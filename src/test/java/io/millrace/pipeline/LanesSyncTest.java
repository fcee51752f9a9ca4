package io.millrace.pipeline;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.MessageFormat;
import io.millrace.store.Mailboxes;
import io.millrace.store.StoreTestKit;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Payload policies of more than one lane, and of less than everything. */
@Timeout(90)
class LanesSyncTest {
  private static final Lane STARRED = new Lane(List.of("STARRED"), null, null, MessageFormat.FULL);
  private static final Lane REST = Lane.everything(MessageFormat.METADATA);
  private static final String WRONG =
      "select count(*) from message where user_id = $1"
          + " and format <> case when 'STARRED' = any(label_ids) then 'full' else 'metadata' end";

  private final SyncTestKit kit = new SyncTestKit();
  private long user;

  @AfterEach
  void close() throws Exception {
    kit.close();
    assertEquals(0, kit.budget.held(), "bytes of mail that nobody gave back");
  }

  private void begin(int messages, Lane... lanes) throws Exception {
    kit.lanes = new Lanes(List.of(lanes));
    kit.start(1, messages);
    user = kit.users.get(0);
  }

  private void restart(Lane... lanes) throws Exception {
    kit.stopEngine();
    kit.lanes = new Lanes(List.of(lanes));
    kit.engine(URI.create(kit.simulator.rootUrl()));
  }

  private Mailboxes.State accounted() throws Exception {
    Mailboxes.State state = kit.state(user);
    assertEquals("complete", state.phase());
    assertEquals(
        state.listed(), state.stored() + state.duplicate() + state.gone() + state.deadLettered());
    assertEquals(state.stored() + state.duplicate(), SyncTestKit.messages(user));
    assertEquals(0, number("select count(*) from sync_fate where fate = 'early'"));
    return state;
  }

  @Test
  void eachMessageIsFetchedOnceAsItsFirstLaneSays() throws Exception {
    begin(500, STARRED, REST);
    assertEquals("completed", kit.synced(user));
    Mailboxes.State state = accounted();
    assertEquals(0, number(WRONG, user));
    assertTrue(number("select count(*) from message where format = 'full'") > 5);
    assertEquals(state.listed(), state.stored());
    assertEquals(0, kit.simulator.report().refetched(), "gets of what had come before");
    assertEquals("completed", kit.ended(kit.sync(user, "{\"recount\":true}")));
    assertEquals(state.listed(), accounted().listed(), "a recount goes through all lanes");
  }

  @Test
  void lanesSeeTheSameMailboxAsOneListing() throws Exception {
    kit.start(1, 400);
    user = kit.users.get(0);
    kit.synced(user);
    final long all = SyncTestKit.messages(user);
    kit.close();
    kit.users.clear();
    begin(400, STARRED, new Lane(List.of(), null, "300d", MessageFormat.FULL), REST);
    kit.synced(user);
    assertEquals(all, accounted().listed());
  }

  @Test
  void whatNoLaneListsIsNotStoredUntilOneDoes() throws Exception {
    begin(300, STARRED);
    kit.synced(user);
    accounted();
    String unstarred = "select count(*) from message where not 'STARRED' = any(label_ids)";
    assertEquals(0, number(unstarred));
    long before = SyncTestKit.messages(user);
    String id = kit.order("add", 0, new JsonObject()).getString("id");
    kit.synced(user);
    assertEquals(before, SyncTestKit.messages(user));
    kit.order(
        "label", 0, new JsonObject().put("id", id).put("add", new JsonArray().add("STARRED")));
    kit.synced(user);
    assertEquals(before + 1, SyncTestKit.messages(user));
    assertEquals("full", one(String.class, "select format from message where id = $1", id));
  }

  @Test
  void whatHistoryBringsIsFetchedAsTheLaneOfItsLabelsSays() throws Exception {
    begin(200, STARRED, REST);
    kit.synced(user);
    String starred = kit.order("add", 0, new JsonObject()).getString("id");
    String plain = kit.order("add", 0, new JsonObject()).getString("id");
    kit.order(
        "label", 0, new JsonObject().put("id", starred).put("add", new JsonArray().add("STARRED")));
    assertEquals("completed", kit.synced(user));
    String format = "select format from message where id = $1";
    assertEquals("full", one(String.class, format, starred));
    assertEquals("metadata", one(String.class, format, plain));
    assertEquals(0, number(WRONG, user));
  }

  @Test
  void aSearchIsLeftToGoogleAndWhatItMightTakeComesAsTheLastLaneSays() throws Exception {
    begin(200, new Lane(List.of(), "is:starred", null, MessageFormat.FULL), REST);
    kit.synced(user);
    accounted();
    assertEquals(0, number(WRONG, user));
    String id = kit.order("add", 0, new JsonObject()).getString("id");
    kit.synced(user);
    assertEquals("metadata", one(String.class, "select format from message where id = $1", id));
  }

  @Test
  void otherLanesMeanANewListingThatFetchesOnlyWhatIsMissing() throws Exception {
    begin(300, STARRED);
    kit.synced(user);
    long starred = SyncTestKit.messages(user);
    String gone = one(String.class, "select min(id) from message");
    restart(STARRED, REST);
    kit.order("delete", 0, new JsonObject().put("id", gone));
    assertEquals("completed", kit.synced(user));
    Mailboxes.State state = kit.state(user);
    assertEquals("complete", state.phase());
    assertEquals(starred - 1, state.duplicate());
    assertEquals(0, kit.simulator.report().refetched());
    assertEquals(0, number(WRONG, user));
    assertEquals(1, number("select count(*) from message where deleted_at is not null"));
    long runs = number("select count(*) from sync_run where mode = 'full'");
    kit.synced(user);
    assertEquals(runs, number("select count(*) from sync_run where mode = 'full'"));
  }

  @Test
  void aRunKeepsTheLanesThatItBeganWithAndTheNextTakesTheNewOnes() throws Exception {
    kit.pageSize = 10;
    begin(400, STARRED, REST);
    long job = kit.sync(user);
    kit.until(30, "select count(*) from message where user_id = $1", user);
    restart(Lane.everything(MessageFormat.FULL));
    assertEquals("completed", kit.ended(job));
    accounted();
    assertEquals(0, number(WRONG, user), "as the run began");
    assertEquals("completed", kit.synced(user));
    assertEquals(2, number("select count(*) from sync_run where mode = 'full'"));
    assertEquals(0, number(WRONG, user), "what is stored is upgraded on demand only");
  }

  @Test
  void runsThatLoseTheirJobBetweenLanesLoseAndDoubleNothing() throws Exception {
    kit.pageSize = 30;
    kit.writeBatch = 7;
    kit.slice = Duration.ofMillis(60);
    begin(400, STARRED, new Lane(List.of("INBOX"), null, null, MessageFormat.FULL), REST);
    long job = kit.sync(user);
    Random random = new Random(3);
    for (int i = 1; i <= 10; i++) {
      kit.until(i * 25L, "select count(*) from message where user_id = $1", user);
      await(kit.vertx.timer(1 + random.nextInt(20), TimeUnit.MILLISECONDS));
      StoreTestKit.run(
          """
          with lost as (delete from job_running where user_id = $1 returning *)
          insert into job_ready (user_id, id, rank, ready_at, day, run, kind, priority, failures, ties)
          select user_id, id, 0, clock(), day, run, kind, priority, 0, ties from lost""",
          user);
    }
    assertEquals("completed", kit.ended(job));
    Mailboxes.State state = accounted();
    assertEquals(state.listed(), state.stored());
    assertEquals(1, number("select count(*) from sync_run"));
  }
}
