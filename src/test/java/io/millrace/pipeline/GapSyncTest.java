package io.millrace.pipeline;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static io.millrace.store.StoreTestKit.rows;
import static io.millrace.store.StoreTestKit.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.FetchResult;
import io.millrace.google.MessageFormat;
import io.millrace.google.PartResult;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happened while no history told of it is found out, for little. */
@Timeout(120)
class GapSyncTest {
  private final SyncTestKit kit = new SyncTestKit();
  private long user;

  @AfterEach
  void close() throws Exception {
    kit.close();
    assertEquals(0, kit.budget.held(), "bytes of mail that nobody gave back");
  }

  private void begin(int messages) throws Exception {
    kit.start(1, messages);
    user = kit.users.get(0);
    assertEquals("completed", kit.synced(user));
  }

  private List<String> stored() throws Exception {
    List<String> ids = new ArrayList<>();
    for (Row row : rows("select id from message where user_id = $1 order by id", user)) {
      ids.add(row.getString(0));
    }
    return ids;
  }

  private void label(String id, String add, String remove) throws Exception {
    JsonObject order = new JsonObject().put("id", id);
    if (add != null) {
      order.put("add", new JsonArray().add(add));
    }
    if (remove != null) {
      order.put("remove", new JsonArray().add(remove));
    }
    kit.order("label", 0, order);
  }

  private Map<String, Set<String>> labels() throws Exception {
    Map<String, Set<String>> labels = new TreeMap<>();
    for (Row row :
        rows("select id, label_ids from message where user_id = $1 and deleted_at is null", user)) {
      labels.put(row.getString(0), new TreeSet<>(List.of(row.getArrayOfStrings(1))));
    }
    return labels;
  }

  /** What Gmail says of each message that is stored and not deleted. */
  private Map<String, Set<String>> told(Set<String> ids) throws Exception {
    Map<String, Set<String>> labels = new TreeMap<>();
    List<String> left = new ArrayList<>(ids);
    while (!left.isEmpty()) {
      FetchResult result = await(kit.gmail.fetch(user, left, MessageFormat.MINIMAL));
      for (PartResult part : result.parts()) {
        labels.put(part.id(), new TreeSet<>(part.data().labelIds()));
        left.remove(part.id());
        kit.gmail.release(part.data());
      }
    }
    return labels;
  }

  private long gets() {
    return kit.simulator.report().calls().get("messages.get");
  }

  @Test
  void labelsThatChangedInTheGapAreFoundWithoutAGetEach() throws Exception {
    begin(400);
    List<String> ids = stored();
    for (int i = 0; i < 120; i++) {
      switch (i % 4) {
        case 0 -> label(ids.get(i), "STARRED", null);
        case 1 -> label(ids.get(i), "Label_1", "INBOX");
        case 2 -> label(ids.get(i), null, "UNREAD");
        default -> label(ids.get(i), "TRASH", "INBOX");
      }
    }
    kit.order("expire-history", 0, new JsonObject());
    long before = gets();
    assertEquals("completed", kit.synced(user));
    assertEquals(0, gets() - before, "not even for those in the trash");
    Map<String, Set<String>> labels = labels();
    assertEquals(400, labels.size() + kit.state(user).gone());
    assertEquals(told(labels.keySet()), labels);
    assertTrue(
        number(
                "select relabelled from sync_run where user_id = $1 and mode = 'full' order by run_id desc limit 1",
                user)
            >= 60);
    assertEquals(0, number("select count(*) from sync_label where user_id = $1", user));
    // And what happens from now on is history's again.
    label(ids.get(0), "IMPORTANT", "STARRED");
    assertEquals("completed", kit.synced(user));
    assertEquals(told(Set.of(ids.get(0))).get(ids.get(0)), labels().get(ids.get(0)));
  }

  @Test
  void aMassDeletionInTheGapCostsOneCallAMessage() throws Exception {
    begin(400);
    List<String> ids = stored();
    for (String id : ids.subList(0, 200)) {
      kit.order("delete", 0, new JsonObject().put("id", id));
    }
    kit.order("expire-history", 0, new JsonObject());
    long before = gets();
    assertEquals("completed", kit.synced(user));
    assertEquals(
        200,
        number("select count(*) from message where user_id = $1 and deleted_at is not null", user));
    assertEquals(200, gets() - before);
    assertEquals(new TreeSet<>(ids.subList(200, ids.size())), labels().keySet());
  }

  @Test
  void aRunThatLosesItsJobWhileItListsLabelsGoesOn() throws Exception {
    kit.pageSize = 10;
    begin(200);
    List<String> ids = stored();
    for (String id : ids.subList(0, 60)) {
      label(id, "STARRED", "INBOX");
    }
    kit.order("expire-history", 0, new JsonObject());
    long job = kit.sync(user);
    kit.until(
        1,
        "select count(*) from job_progress where id = $1 and checkpoint ->> 'phase' = 'LABELS'",
        job);
    kit.stopEngine();
    String phase = one(String.class, "select phase from sync_run order by run_id desc limit 1");
    kit.engine(URI.create(kit.simulator.rootUrl()));
    run("update job_scheduled set run_at = clock()");
    assertEquals("completed", kit.ended(job));
    Map<String, Set<String>> labels = labels();
    assertEquals(told(labels.keySet()), labels, phase);
  }
}
