package io.millrace.pipeline;

import static io.millrace.pipeline.ScriptedGoogle.change;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.StoreTestKit;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.data.Numeric;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What history tells, in its order, is what the tables hold afterwards. */
@Timeout(90)
class DeltaSyncTest {
  private final SyncTestKit kit = new SyncTestKit();
  private ScriptedGoogle google;
  private long user;

  @AfterEach
  void close() throws Exception {
    kit.close();
    if (google != null) {
      google.close();
    }
    assertEquals(0, kit.budget.held(), "bytes of mail that nobody gave back");
  }

  @Test
  void whatCameAndWentWithinAPageIsNotFetched() throws Exception {
    begin("100", "a");
    google.history =
        r ->
            google.page(
                change("101", "messagesAdded", "x", "INBOX"),
                change("102", "labelsAdded", "x", "STARRED"),
                change("103", "messagesDeleted", "x"),
                change("104", "messagesAdded", "y", "INBOX"));
    google.messages.put("y", List.of("INBOX"));
    google.historyId = "104";
    delta();
    assertEquals(0, google.count("/messages/x"));
    assertEquals(Set.of("a", "y"), live());
    assertEquals("104", cursor());
  }

  @Test
  void labelsFollowTheirChangesOneAfterTheOther() throws Exception {
    begin("100", "a", "b", "c");
    google.history =
        r ->
            google.page(
                change("101", "labelsAdded", "a", "STARRED", "X"),
                change("102", "labelsRemoved", "a", "X", "INBOX"),
                change("103", "labelsAdded", "a", "INBOX"),
                change("104", "labelsAdded", "b", "X"),
                whole(change("105", "labelsRemoved", "b", "X"), List.of("UNREAD")),
                change("106", "labelsRemoved", "c", "INBOX"));
    google.historyId = "106";
    delta();
    assertEquals(Set.of("INBOX", "STARRED"), labels("a"));
    assertEquals(Set.of("UNREAD"), labels("b"));
    assertEquals(Set.of(), labels("c"));
    assertEquals(3, google.count("/messages/"), "the three of the first sync");
  }

  /** The message in a record's only entry, with all labels that it has after the change. */
  private static JsonObject whole(JsonObject record, List<String> labels) {
    record
        .getJsonArray("labelsRemoved")
        .getJsonObject(0)
        .getJsonObject("message")
        .put("labelIds", new JsonArray(labels));
    return record;
  }

  @Test
  void aDeletedMessageIsMarkedAndOneThatComesBackIsNotAnyMore() throws Exception {
    begin("100", "a", "b");
    google.messages.remove("a");
    google.history = r -> google.page(change("101", "messagesDeleted", "a"));
    google.historyId = "101";
    delta();
    assertEquals(Set.of("b"), live());
    assertEquals(1, number("select deleted from sync_run where mode = 'delta'"));

    google.messages.put("a", List.of("STARRED"));
    google.history = r -> google.page(change("102", "messagesAdded", "a", "STARRED"));
    google.historyId = "102";
    delta();
    assertEquals(Set.of("a", "b"), live());
    assertEquals(Set.of("STARRED"), labels("a"));
    assertEquals(2, number("select listed from sync_run where mode = 'full'"));
  }

  @Test
  void whatIsMovedToTheTrashStaysWithItsLabelAndComesBack() throws Exception {
    begin("100", "a", "b");
    google.messages.put("a", List.of("TRASH"));
    google.history = r -> google.page(change("101", "labelsAdded", "a", "TRASH"));
    google.historyId = "101";
    delta();
    assertEquals(Set.of("INBOX", "TRASH"), labels("a"));
    assertEquals(Set.of("a", "b"), live());
    google.history = r -> google.page(change("102", "labelsRemoved", "a", "TRASH"));
    google.historyId = "102";
    delta();
    assertEquals(Set.of("INBOX"), labels("a"));
    assertEquals(2, google.count("/messages/"), "nothing is fetched again");
  }

  @Test
  void historyIdsBeyondASignedLongAreNumbersToo() throws Exception {
    begin("18446744073709551000", "a");
    assertEquals("18446744073709551000", cursor());
    google.messages.put("b", List.of("INBOX"));
    google.history =
        r -> google.page(change("18446744073709551614", "messagesAdded", "b", "INBOX"));
    google.historyId = "18446744073709551615";
    delta();
    assertEquals("18446744073709551615", cursor());
    assertEquals(Set.of("a", "b"), live());
    assertEquals(
        2, google.count("startHistoryId=18446744073709551000"), "the first sync's, and this");
    assertEquals(
        new BigInteger("18446744073709551615"),
        one(Numeric.class, "select history_id from message where id = 'b'").bigIntegerValue());
  }

  @Test
  void manyPagesAreWorkedOffInOrderAndTheCursorIsWhatAllOfThemTold() throws Exception {
    begin("9", "a");
    google.messages.put("b", List.of());
    google.messages.put("d", List.of());
    google.history =
        r ->
            switch (String.valueOf(r.getParam("pageToken"))) {
              case "null" ->
                  google.page(change("10", "messagesAdded", "b")).put("nextPageToken", "p2");
              // Nothing on it, and yet there is another.
              case "p2" -> new JsonObject().put("historyId", "15").put("nextPageToken", "p3");
              case "p3" ->
                  google.page(change("11", "messagesDeleted", "a")).put("nextPageToken", "p4");
              default ->
                  google
                      .page(change("12", "messagesAdded", "d"))
                      // Happened after the page was made that might have told of it.
                      .put("historyId", "99");
            };
    google.historyId = "12";
    google.messages.remove("a");
    delta();
    assertEquals(Set.of("b", "d"), live());
    assertEquals("12", cursor());
  }

  @Test
  void aRefusedPageTokenCostsOnlyWhatCameAfterTheLastPage() throws Exception {
    begin("10", "a");
    List<String> ids = new ArrayList<>();
    for (int i = 11; i < 60; i++) {
      ids.add("m" + i);
      google.messages.put("m" + i, List.of("INBOX"));
    }
    google.historyId = "59";
    AtomicInteger refused = new AtomicInteger();
    // One record a page; every second page's token is refused, many more times than a listing may
    // be begun again without coming further.
    google.history =
        r -> {
          int start = Integer.parseInt(r.getParam("startHistoryId"));
          String token = r.getParam("pageToken");
          int at = (token == null ? start : Integer.parseInt(token)) + 1;
          JsonObject page = google.page(change("" + at, "messagesAdded", "m" + at));
          return at < 59 ? page.put("nextPageToken", "" + at) : page;
        };
    google.refuse =
        r ->
            r.path().endsWith("/history")
                && r.getParam("pageToken") != null
                && refused.incrementAndGet() % 2 == 0;
    delta();
    assertEquals(50, live().size());
    assertTrue(refused.get() > 20, refused + " tokens");
    assertEquals("59", cursor());
    assertTrue(live().containsAll(ids));
  }

  @Test
  void anEmptyDeltaIsOneCallAndOneRow() throws Exception {
    begin("100", "a");
    long asked = google.asked.size();
    long rows = number("select count(*) from sync_run");
    delta();
    assertEquals(asked + 1, google.asked.size(), google.asked::toString);
    assertEquals(rows, number("select count(*) from sync_run"));
    assertEquals("100", cursor());
  }

  @Test
  void aCursorOlderThanHistoryFindsWhatWasDeletedMeanwhile() throws Exception {
    begin("100", "a", "b", "c", "t");
    google.messages.remove("a");
    google.messages.put("t", List.of("TRASH"));
    google.messages.put("d", List.of("INBOX"));
    google.historyId = "900";
    google.history = r -> r.getParam("startHistoryId").equals("100") ? null : google.page();
    long fetched = google.count("/messages/");
    delta();
    assertEquals(Set.of("b", "c", "d", "t"), live());
    assertEquals(Set.of("TRASH"), labels("t"));
    // The new one, and the one that neither the listing nor that of a label showed.
    assertEquals(fetched + 2, google.count("/messages/"), google.asked::toString);
    assertEquals("900", cursor());
    assertEquals("complete", kit.state(user).phase());
    assertEquals(0, number("select count(*) from sync_seen"));
  }

  @Test
  void aHistoryThatIsLostInMidRunFindsDeletionsToo() throws Exception {
    kit.start(1, 5);
    user = kit.users.get(0);
    kit.stopEngine();
    google = new ScriptedGoogle(kit.simulator.accounts().get(0).email(), "100");
    for (String id : List.of("a", "b", "c")) {
      google.messages.put(id, List.of("INBOX"));
    }
    // After everything was listed and fetched one goes, and history cannot tell.
    google.history =
        r -> {
          google.messages.remove("b");
          google.historyId = "500";
          return null;
        };
    kit.engine(google.root());
    assertEquals("completed", kit.synced(user));
    assertEquals(Set.of("a", "c"), live());
    assertEquals("500", cursor());
    assertEquals(1, google.count("/history"));
    assertEquals(1, number("select deleted from sync_run"));
  }

  @Test
  void aProxyThatAnswersHtmlMovesNothing() throws Exception {
    begin("100", "a");
    google.messages.put("b", List.of("INBOX"));
    google.historyId = "101";
    google.instead = r -> r.path().endsWith("/history") ? "<html>Log in, please</html>" : null;
    assertEquals("dead", kit.synced(user));
    assertEquals("100", cursor());
    assertTrue(kit.state(user).trouble().contains("HTML"), kit.state(user).trouble());
    assertTrue(google.count("/history") < 50, google.asked::toString);
    google.instead = r -> null;
    google.history = r -> google.page(change("101", "messagesAdded", "b"));
    delta();
    assertEquals(Set.of("a", "b"), live());
  }

  @Test
  void aGrantRevokedInMidPageLeavesTheCursorAndTheNextOneGoesOn() throws Exception {
    kit.writeBatch = 2;
    begin("100", "a");
    List<JsonObject> records = new ArrayList<>();
    for (int i = 1; i <= 20; i++) {
      google.messages.put("m" + i, List.of("INBOX"));
      records.add(change("" + (100 + i), "messagesAdded", "m" + i));
    }
    google.historyId = "120";
    google.history = r -> google.page(records.toArray(JsonObject[]::new));
    AtomicInteger gets = new AtomicInteger();
    google.instead =
        r -> {
          google.revoked |= r.path().contains("/messages/") && gets.incrementAndGet() == 12;
          return null;
        };
    // The access token is good until it is refused in mid-page.
    kit.order("revoke-grant", 0, new JsonObject());
    assertEquals("dead", kit.synced(user));
    assertEquals("100", cursor());
    assertTrue(kit.state(user).trouble().contains("connected again"), kit.state(user).trouble());
    assertTrue(live().size() > 1 && live().size() < 21, () -> "" + google.asked);

    google.instead = r -> null;
    google.revoked = false;
    String email = kit.simulator.accounts().get(0).email();
    StoreTestKit.await(
        kit.mailboxes.connect(email, kit.simulator.accounts().get(1).refreshToken()));
    delta();
    assertEquals(21, live().size());
    assertEquals("120", cursor());
    assertEquals(null, kit.state(user).incomplete());
  }

  @Test
  void aMessageThatCannotBeFetchedDoesNotHoldTheCursorAndIsNotForgotten() throws Exception {
    begin("100", "a");
    google.messages.put("b", List.of("INBOX"));
    google.messages.put("c", List.of("INBOX"));
    google.historyId = "102";
    google.history =
        r -> google.page(change("101", "messagesAdded", "b"), change("102", "messagesAdded", "c"));
    google.instead = r -> r.path().endsWith("/messages/b") ? "<html></html>" : null;
    delta();
    assertEquals(Set.of("a", "c"), live());
    assertEquals(1, number("select count(*) from message_dead where id = 'b'"));
    assertEquals("102", cursor());

    google.instead = r -> null;
    google.messages.remove("b");
    google.historyId = "103";
    google.history = r -> google.page(change("103", "messagesDeleted", "b"));
    delta();
    assertEquals(0, number("select count(*) from message_dead"));
  }

  @Test
  void aFewMessagesAreInTheDatabaseWithinTwoSecondsOfTheLook() throws Exception {
    kit.start(1, 200);
    user = kit.users.get(0);
    kit.synced(user);
    long before = SyncTestKit.messages(user);
    for (int i = 0; i < 4; i++) {
      kit.order("add", 0, new JsonObject());
    }
    long started = System.nanoTime();
    long job = kit.sync(user);
    kit.until(before + 4, "select count(*) from message where user_id = $1", user);
    double seconds = (System.nanoTime() - started) / 1e9;
    assertTrue(seconds < 2, seconds + " s");
    assertEquals("completed", kit.ended(job));
  }

  /** A mailbox in step with a scripted one. */
  private void begin(String historyId, String... ids) throws Exception {
    kit.start(2, 5);
    user = kit.users.get(0);
    kit.stopEngine();
    google = new ScriptedGoogle(kit.simulator.accounts().get(0).email(), historyId);
    for (String id : ids) {
      google.messages.put(id, List.of("INBOX"));
    }
    google.history = r -> new JsonObject().put("historyId", google.historyId);
    kit.engine(google.root());
    assertEquals("completed", kit.synced(user));
    assertEquals(Set.of(ids), live());
    assertFalse(google.asked.isEmpty());
  }

  private void delta() throws Exception {
    assertEquals("completed", kit.synced(user), () -> google.asked.toString());
    assertEquals(
        0,
        number(
            "select count(*) from sync_run where listed <>"
                + " stored + duplicate + gone + dead_lettered"));
  }

  private Set<String> live() throws Exception {
    return Set.of(
        one(
            String[].class,
            "select coalesce(array_agg(id), '{}') from message"
                + " where user_id = $1 and deleted_at is null",
            user));
  }

  private Set<String> labels(String id) throws Exception {
    return new TreeSet<>(
        List.of(
            one(
                String[].class,
                "select label_ids from message where user_id = $1 and id = $2",
                user,
                id)));
  }

  private String cursor() throws Exception {
    return one(String.class, "select cursor::text from mailbox where user_id = $1", user);
  }
}
