package io.millrace.pipeline;

import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.MessageFormat;
import io.millrace.sim.SimReport;
import io.millrace.store.Mailboxes;
import io.millrace.store.StoreTestKit;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Mailboxes whose messages come with their threads: cheaper, and nothing is counted twice. */
@Timeout(90)
class ThreadSyncTest {
  private static final String SPAM =
      "select count(*) from message where label_ids && array['SPAM', 'TRASH']";
  private static final String EARLY = "select count(*) from sync_fate where fate = 'early'";

  private final SyncTestKit kit = new SyncTestKit();
  private long user;

  @AfterEach
  void close() throws Exception {
    kit.close();
    assertEquals(0, kit.budget.held(), "bytes of mail that nobody gave back");
  }

  @Test
  void threadsCostLessAndNoMessageComesTwice() throws Exception {
    begin(600);
    assertEquals("completed", kit.synced(user));
    wholeAndCountedOnce();
    SimReport report = kit.simulator.report();
    Mailboxes.State state = kit.state(user);
    assertTrue(calls("threads.get") > 50, report.calls()::toString);
    assertEquals(report.unitsSpent(), state.unitsSpent());
    assertTrue(report.unitsSpent() < 0.85 * 20 * state.stored(), report::toString);
    assertEquals(0, report.refetched() + report.refetchedInThreads(), report::toString);
  }

  @Test
  void whatTheListingLeavesOutIsDroppedThoughAThreadBringsIt() throws Exception {
    begin(600);
    kit.synced(user);
    assertEquals(0, number(SPAM));
    wholeAndCountedOnce();
    assertTrue(
        kit.simulator.report().messagesDelivered() > kit.state(user).stored(),
        "threads brought what is not wanted");
  }

  @Test
  void spamAndTrashComeWithTheirThreadsWhereTheyAreWanted() throws Exception {
    kit.includeSpamTrash = true;
    begin(600);
    kit.synced(user);
    assertTrue(number(SPAM) > 0);
    wholeAndCountedOnce();
  }

  @Test
  void messagesThatComeBeforeTheyAreListedCountWhenTheyAre() throws Exception {
    kit.pageSize = 20;
    begin(400);
    long job = kit.sync(user);
    kit.until(1, EARLY);
    assertTrue(kit.state(user).stored() < SyncTestKit.messages(user));
    assertEquals("completed", kit.ended(job));
    wholeAndCountedOnce();
    assertEquals(0, number(EARLY));
    assertEquals(0, kit.simulator.report().refetched());
  }

  @Test
  void theFormatHoldsForThreadsAsWell() throws Exception {
    kit.format = MessageFormat.METADATA;
    begin(200);
    kit.synced(user);
    assertTrue(calls("threads.get") > 10);
    assertEquals(0, number("select count(*) from message where format <> 'metadata'"));
  }

  @Test
  void slicesKeepThePlan() throws Exception {
    kit.slice = Duration.ofMillis(20);
    kit.pageSize = 100;
    begin(600);
    assertEquals("completed", kit.synced(user));
    wholeAndCountedOnce();
    SimReport report = kit.simulator.report();
    assertEquals(0, report.refetched() + report.refetchedInThreads(), report::toString);
  }

  @Test
  void ofAThreadThatIsPartlyHereOnlyTheRestIsFetched() throws Exception {
    begin(300);
    kit.synced(user);
    String thread =
        one(
            String.class,
            "select thread_id from message group by thread_id having count(*) >= 5 limit 1");
    StoreTestKit.run(
        "delete from message where id in (select id from message where thread_id = $1 limit 3)",
        thread);
    StoreTestKit.run("update sync_run set listed = listed - 3, stored = stored - 3");
    SimReport before = kit.simulator.report();
    long threads = calls("threads.get");

    assertEquals("completed", kit.ended(kit.sync(user, "{\"recount\":true}")));
    wholeAndCountedOnce();
    assertEquals(threads, calls("threads.get"));
    assertEquals(before.messagesDelivered() + 3, kit.simulator.report().messagesDelivered());
  }

  @Test
  void aResyncCostsOnlyTheListing() throws Exception {
    begin(300);
    kit.synced(user);
    kit.order("expire-history", 0, new JsonObject());
    long gets = calls("threads.get") + calls("messages.get");
    long units = kit.simulator.report().unitsSpent();
    assertEquals("completed", kit.synced(user));
    assertEquals(gets, calls("threads.get") + calls("messages.get"));
    // Profile, listing, history and the second listing, with a page of 50 at 5 units; then a page
    // at
    // least of each label.
    long labelled =
        number("select count(*) from message, unnest(label_ids) where user_id = $1", user);
    long most = 2 * (6 + 1) * 5 + 20 + (labelled / 50 + 40) * 5;
    assertTrue(kit.simulator.report().unitsSpent() - units <= most);
    assertEquals(kit.state(user).listed(), kit.state(user).duplicate());
  }

  @Test
  void aThreadThatIsDeletedAfterItWasListedIsGone() throws Exception {
    begin(600);
    long job = kit.sync(user);
    kit.until(
        1, "select count(*) from job_progress where checkpoint ->> 'threads' like '%\"%\"%\"%'");
    int deleted = 0;
    for (Object id :
        new JsonArray(
            one(
                String.class,
                "select coalesce(jsonb_agg(m.message), '[]')::text from job_progress,"
                    + " jsonb_each(checkpoint -> 'threads') as t(thread, ids),"
                    + " jsonb_array_elements_text(t.ids) as m(message)"))) {
      if (deleted++ < 30) {
        assertTrue(kit.order("delete", 0, new JsonObject().put("id", id)).containsKey("historyId"));
      }
    }
    assertTrue(deleted > 0);
    assertEquals("completed", kit.ended(job));
    Mailboxes.State state = kit.state(user);
    assertEquals(state.listed(), state.stored() + state.gone());
    // Those that were fetched before they were deleted are marked by history.
    kit.synced(user);
    assertEquals(
        deleted < 30 ? deleted : 30,
        state.gone() + number("select count(*) from message where deleted_at is not null"));
  }

  private void begin(int messages) throws Exception {
    kit.start(1, messages);
    user = kit.users.get(0);
  }

  private long calls(String method) {
    return kit.simulator.report().calls().entrySet().stream()
        .filter(e -> e.getKey().endsWith(method))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private void wholeAndCountedOnce() throws Exception {
    Mailboxes.State state = kit.state(user);
    assertEquals("complete", state.phase());
    assertEquals(state.listed(), state.stored());
    assertEquals(state.stored(), SyncTestKit.messages(user));
    assertEquals(
        state.stored(), number("select count(distinct id) from message where user_id = $1", user));
  }
}
