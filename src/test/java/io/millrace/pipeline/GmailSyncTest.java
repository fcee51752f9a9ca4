package io.millrace.pipeline;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static io.millrace.store.StoreTestKit.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.sim.SimAccount;
import io.millrace.store.Mailboxes;
import io.millrace.store.StoreTestKit;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A mailbox that changes while it is read, and runs that are broken off. */
@Timeout(90)
class GmailSyncTest {
  private static final String STORED = "select count(*) from message where user_id = $1";

  private final SyncTestKit kit = new SyncTestKit();
  private long user;

  @AfterEach
  void close() throws Exception {
    kit.close();
    assertEquals(0, kit.budget.held(), "bytes of mail that nobody gave back");
  }

  @Test
  void aCleanRunStoresAllAndItsUnitsAreTheOnesThatGoogleCounted() throws Exception {
    begin(300);
    assertEquals("completed", kit.synced(user));
    Mailboxes.State state = kit.state(user);
    assertEquals(state.listed(), state.stored());
    assertEquals(state.stored(), SyncTestKit.messages(user));
    assertEquals(kit.simulator.report().unitsSpent(), state.unitsSpent());
    assertNull(state.trouble());
    assertNotNull(one(java.time.OffsetDateTime.class, "select synced_at from mailbox"));
  }

  @Test
  void aSecondRunStoresOnlyWhatIsNewAndMarksWhatChanged() throws Exception {
    begin(120);
    kit.synced(user);
    long before = SyncTestKit.messages(user);
    String deleted = anyStored(0);
    String labelled = anyStored(1);
    kit.order("delete", 0, new JsonObject().put("id", deleted));
    kit.order(
        "label",
        0,
        new JsonObject().put("id", labelled).put("add", new JsonArray().add("STARRED")));
    String added = kit.order("add", 0, new JsonObject()).getString("id");
    long gets = kit.simulator.report().messagesDelivered();
    assertEquals("completed", kit.synced(user));
    assertEquals(before + 1, SyncTestKit.messages(user));
    assertEquals(gets + 1, kit.simulator.report().messagesDelivered(), "one fetch");
    assertEquals(1, number(STORED + " and id = $2", user, added));
    assertEquals(1, number(STORED + " and id = $2 and deleted_at is not null", user, deleted));
    assertEquals(1, number(STORED + " and id = $2 and 'STARRED' = any(label_ids)", user, labelled));
    assertEquals(1, number("select count(*) from sync_run where mode = 'delta'"));
  }

  @Test
  void aRecountGoesOnWithTheRunThatStoredTheRestAndForgetsEarlierDeaths() throws Exception {
    begin(60);
    kit.synced(user);
    Mailboxes.State before = kit.state(user);
    StoreTestKit.run(
        "insert into job_dead (user_id, id, dead_at, day, run, kind, priority, failures, ties, reason,"
            + " error) select user_id, id, clock(), body_day, run, kind, 0, 5, 0, 'exhausted', '{}'"
            + " from job_outcome where user_id = $1 and kind ="
            + " (select id from job_kind where name = 'google_gmail_sync')",
        user);
    StoreTestKit.run(
        "delete from message where user_id = $1 and id in"
            + " (select id from message where user_id = $1 order by id limit 3)",
        user);
    StoreTestKit.run(
        "update sync_run set listed = listed - 3, stored = stored - 3 where user_id = $1", user);
    kit.order("add", 0, new JsonObject());

    assertEquals("completed", kit.ended(kit.sync(user, "{\"recount\":true}")));

    Mailboxes.State after = kit.state(user);
    assertEquals("complete", after.phase());
    assertEquals(before.stored() + 1, after.stored(), "three found again, one new");
    assertEquals(0, after.duplicate());
    assertTrue(after.unitsSpent() > before.unitsSpent());
    assertEquals(1, number("select count(*) from sync_run where user_id = $1", user));
    assertEquals(0, number("select count(*) from job_dead where user_id = $1", user));
  }

  @Test
  void aRecountAfterADeltaCountsNothingTwice() throws Exception {
    kit.faults = "harsh";
    begin(400);
    kit.synced(user);
    // All again: what is here already is a duplicate to the new run.
    kit.order("expire-history", 0, new JsonObject());
    assertEquals("completed", kit.synced(user));
    Mailboxes.State before = kit.state(user);
    assertTrue(before.deadLettered() > 0 && before.duplicate() > 0, before::toString);

    JsonObject star = new JsonObject().put("id", anyStored(0));
    kit.order("label", 0, star.put("add", new JsonArray().add("STARRED")));
    assertEquals("completed", kit.synced(user));
    assertEquals(1, number("select count(*) from sync_run where mode = 'delta'"));
    assertEquals("completed", kit.ended(kit.sync(user, "{\"recount\":true}")));

    Mailboxes.State after = kit.state(user);
    assertEquals(before.listed(), after.listed());
    assertEquals(before.stored(), after.stored());
    assertEquals(before.duplicate(), after.duplicate());
    assertEquals(before.deadLettered(), after.deadLettered());
    assertEquals(
        after.listed(), after.stored() + after.duplicate() + after.gone() + after.deadLettered());
    assertEquals(
        after.listed() - after.stored(),
        number(
            "select count(*) from sync_fate join mailbox using (user_id)"
                + " where user_id = $1 and run_id = full_run and fate <> 'early'",
            user));
  }

  @Test
  void theGrantOfAnotherMailboxIsRefused() throws Exception {
    kit.start(2, 20);
    user = kit.users.get(0);
    SimAccount first = kit.simulator.accounts().get(0);
    SimAccount second = kit.simulator.accounts().get(1);
    await(kit.mailboxes.connect(first.email(), second.refreshToken()));
    assertEquals("dead", kit.ended(kit.sync(user)));
    assertTrue(kit.state(user).trouble().contains(second.email()), kit.state(user).trouble());
    assertEquals(0, SyncTestKit.messages(user));
  }

  @Test
  void mailThatLeavesTheSpamIsFoundAndSpamThatComesIsNotStored() throws Exception {
    kit.includeSpamTrash = false;
    begin(60);
    kit.synced(user);
    String spam = kit.order("add", 0, new JsonObject()).getString("id");
    kit.order("label", 0, new JsonObject().put("id", spam).put("add", new JsonArray().add("SPAM")));
    kit.synced(user);
    assertEquals(0, number(STORED + " and id = $2", user, spam));
    kit.order(
        "label", 0, new JsonObject().put("id", spam).put("remove", new JsonArray().add("SPAM")));
    kit.synced(user);
    assertEquals(1, number(STORED + " and id = $2", user, spam));
  }

  @Test
  void spamIsStoredWhereItIsWanted() throws Exception {
    kit.includeSpamTrash = true;
    begin(60);
    kit.synced(user);
    String spam = kit.order("add", 0, new JsonObject()).getString("id");
    kit.order("label", 0, new JsonObject().put("id", spam).put("add", new JsonArray().add("SPAM")));
    kit.synced(user);
    assertEquals(1, number(STORED + " and id = $2", user, spam));
  }

  @Test
  void whatIsDeletedOrAddedWhileItIsListedIsAccountedFor() throws Exception {
    begin(600);
    long job = kit.sync(user);
    kit.until(1, "select count(*) from job_progress where checkpoint -> 'pending' <> '[]'");
    JsonArray pending = new JsonArray(pending());
    for (int i = pending.size() - 5; i < pending.size(); i++) {
      kit.order("delete", 0, new JsonObject().put("id", pending.getString(i)));
    }
    String added = kit.order("add", 0, new JsonObject()).getString("id");
    assertEquals("completed", kit.ended(job));
    Mailboxes.State state = kit.state(user);
    assertEquals(state.listed(), state.stored() + state.gone());
    assertEquals(1, number(STORED + " and id = $2", user, added));
    // Those that were fetched before they were deleted are marked by history.
    assertEquals(5, state.gone() + number(STORED + " and deleted_at is not null", user));
  }

  private static String pending() throws Exception {
    return one(String.class, "select (checkpoint -> 'pending')::text from job_progress");
  }

  @Test
  void aHistoryThatExpiresInMidRunStillEndsComplete() throws Exception {
    begin(400);
    long job = kit.sync(user);
    kit.until(50, STORED, user);
    String added = kit.order("add", 0, new JsonObject()).getString("id");
    kit.order("expire-history", 0, new JsonObject());
    assertEquals("completed", kit.ended(job));
    assertEquals(1, number(STORED + " and id = $2", user, added));
    assertEquals("complete", kit.state(user).phase());
  }

  @Test
  void aLostCursorMeansAllAgainWithoutFetchingWhatIsThere() throws Exception {
    begin(120);
    kit.synced(user);
    String added = kit.order("add", 0, new JsonObject()).getString("id");
    kit.order("expire-history", 0, new JsonObject());
    long delivered = kit.simulator.report().messagesDelivered();
    assertEquals("completed", kit.synced(user));
    assertEquals(delivered + 1, kit.simulator.report().messagesDelivered());
    assertEquals(1, number(STORED + " and id = $2", user, added));
    Mailboxes.State state = kit.state(user);
    assertEquals(state.listed(), state.duplicate() + 1);
  }

  @Test
  void aRevokedGrantEndsItsOwnMailboxWithASentenceAndNoOther() throws Exception {
    kit.start(2, 100);
    user = kit.users.get(0);
    kit.order("revoke-grant", 0, new JsonObject());
    long first = kit.sync(kit.users.get(0));
    long second = kit.sync(kit.users.get(1));
    assertEquals("dead", kit.ended(first));
    assertEquals("completed", kit.ended(second));
    assertNotNull(kit.state(kit.users.get(0)).trouble());
    assertNull(kit.state(kit.users.get(1)).trouble());
    assertNotNull(kit.sync(kit.users.get(0)), "its key is free");
  }

  @Test
  void runsThatLoseTheirJobAtAnyCommitLoseAndDoubleNothing() throws Exception {
    kit.pageSize = 30;
    kit.writeBatch = 7;
    begin(500);
    long job = kit.sync(user);
    java.util.Random random = new java.util.Random(11);
    for (int i = 1; i <= 12; i++) {
      kit.until(Math.min(i * 30L, 400), STORED, user);
      await(kit.vertx.timer(1 + random.nextInt(20), TimeUnit.MILLISECONDS));
      StoreTestKit.run(
          """
          with lost as (delete from job_running where user_id = $1 returning *)
          insert into job_ready (user_id, id, rank, ready_at, day, run, kind, priority, failures, ties)
          select user_id, id, 0, clock(), day, run, kind, priority, 0, ties from lost""",
          user);
      assertEquals(
          0,
          number(
              "select count(*) from sync_run where listed <>"
                  + " stored + duplicate + gone + dead_lettered"));
    }
    assertEquals("completed", kit.ended(job));
    Mailboxes.State state = kit.state(user);
    assertEquals(state.stored(), SyncTestKit.messages(user));
    assertEquals(state.listed(), state.stored());
    assertEquals(1, number("select count(*) from sync_run"));
    assertEquals(state.stored(), normalised(), "one follow-up for each stored message");
  }

  private static long normalised() throws Exception {
    return number(
        """
        select coalesce(sum(jsonb_array_length(payload -> 'ids')), 0)::bigint
          from job_body b join job_kind k on k.id = b.kind where k.name = 'normalize_google_email'""");
  }

  @Test
  void slicesAndDeadlinesCostNothingButTime() throws Exception {
    kit.slice = Duration.ofMillis(30);
    begin(500);
    assertEquals("completed", kit.synced(user));
    Mailboxes.State state = kit.state(user);
    assertEquals(state.listed(), state.stored());
    assertEquals(state.stored(), SyncTestKit.messages(user));
    assertTrue(number("select max(run)::bigint from job_outcome") > 2, "it took several slices");
    assertEquals(0, number("select max(failures)::bigint from job_outcome"));
  }

  @Test
  void stoppingInTheMiddleKeepsWhatIsCommittedAndTheNextProcessGoesOn() throws Exception {
    begin(800);
    long job = kit.sync(user);
    kit.until(50, STORED, user);
    kit.stopEngine();
    assertEquals(0, kit.budget.held());
    assertEquals("ready", one(String.class, "select state from job where id = $1", job));
    kit.engine(URI.create(kit.simulator.rootUrl()));
    assertEquals("completed", kit.ended(job));
    assertEquals(kit.state(user).listed(), kit.state(user).stored());
  }

  @Test
  void aDatabaseThatCutsItsConnectionsLosesNothing() throws Exception {
    begin(600);
    long job = kit.sync(user);
    for (int i = 1; i <= 2; i++) {
      kit.until(i * 60L, STORED, user);
      StoreTestKit.cutConnections();
    }
    assertEquals("completed", kit.ended(job));
    assertEquals(kit.state(user).listed(), kit.state(user).stored());
    assertEquals(kit.state(user).stored(), SyncTestKit.messages(user));
  }

  @Test
  void aListingThatGoesRoundInCirclesEnds() throws Exception {
    kit.start(1, 10);
    user = kit.users.get(0);
    kit.stopEngine();
    String email = kit.simulator.accounts().get(0).email();
    AtomicInteger pages = new AtomicInteger();
    HttpServer google =
        await(
            kit.vertx
                .createHttpServer()
                .requestHandler(
                    r -> {
                      JsonObject answer = new JsonObject();
                      if (r.path().endsWith("/token")) {
                        answer.put("access_token", "t").put("expires_in", 3600);
                      } else if (r.path().endsWith("/profile")) {
                        answer.put("emailAddress", email).put("historyId", "5");
                      } else {
                        pages.incrementAndGet();
                        String token = r.getParam("pageToken");
                        answer.put("nextPageToken", "a".equals(token) ? "b" : "a");
                      }
                      r.response()
                          .putHeader("Content-Type", "application/json")
                          .end(answer.toBuffer());
                    })
                .listen(0, "127.0.0.1"));
    kit.engine(URI.create("http://127.0.0.1:" + google.actualPort() + "/"));
    assertEquals("dead", kit.synced(user));
    assertTrue(pages.get() > 2 && pages.get() < 1_000, pages + " pages");
    kit.stopEngine();
    await(google.close());
  }

  private void begin(int messages) throws Exception {
    kit.start(1, messages);
    user = kit.users.get(0);
  }

  private String anyStored(int n) throws Exception {
    return rows("select id from message where user_id = $1 order by id", user).get(n).getString(0);
  }
}
