package io.millrace.pipeline;

import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static io.millrace.store.StoreTestKit.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A mailbox in which anything happens at any time, also between two answers to one sync: what is
 * stored in the end is what is there.
 */
@Timeout(120)
class HistoryModelTest {
  private static final List<String> LABELS = List.of("INBOX", "UNREAD", "STARRED", "X");

  /** What happened, and when. */
  private record Event(long id, JsonObject record) {}

  private final SyncTestKit kit = new SyncTestKit();
  private final List<Event> log = new ArrayList<>();
  private Random random;
  private ScriptedGoogle google;
  private boolean busy;
  private boolean forgetful;
  private long now = 1_000;
  private long oldest;
  private int made;
  private int lost;

  @AfterEach
  void close() throws Exception {
    kit.close();
    google.close();
    assertEquals(0, kit.budget.held(), "bytes of mail that nobody gave back");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void whatIsStoredIsWhatIsThere(int seed) throws Exception {
    random = new Random(seed);
    forgetful = seed % 2 == 0;
    kit.pageSize = 3;
    kit.start(1, 5);
    long user = kit.users.get(0);
    kit.stopEngine();
    google = new ScriptedGoogle(kit.simulator.accounts().get(0).email(), "1000");
    for (int i = 0; i < 10; i++) {
      change();
    }
    google.history = this::page;
    google.instead = this::meanwhile;
    kit.engine(google.root());
    for (int round = 0; round < 6; round++) {
      busy = true;
      assertEquals("completed", kit.synced(user), () -> "" + google.asked);
      for (int i = random.nextInt(12); i > 0; i--) {
        change();
      }
    }
    busy = false;
    kit.synced(user);
    // What happened between two pages is found by the next look.
    kit.synced(user);
    assertEquals(google.historyId, one(String.class, "select cursor::text from mailbox"));
    if (forgetful) {
      assertEquals("completed", kit.ended(kit.sync(user, "{\"recount\":true}")));
      assertTrue(lost > 0, "history was never lost");
    }
    compare(user);
  }

  private void compare(long user) throws Exception {
    Map<String, Set<String>> there = new TreeMap<>();
    google.messages.forEach((id, labels) -> there.put(id, seen(labels)));
    Map<String, Set<String>> stored = new TreeMap<>();
    for (Row row :
        rows("select id, label_ids from message where user_id = $1 and deleted_at is null", user)) {
      stored.put(row.getString("id"), seen(List.of(row.getArrayOfStrings("label_ids"))));
    }
    // What was in spam or trash whenever it might have been fetched was never wanted.
    there.entrySet().removeIf(e -> !stored.containsKey(e.getKey()) && hidden(e.getValue()));
    assertEquals(there, stored, () -> "" + google.asked);
    assertEquals(
        0,
        number(
            "select count(*) from sync_run where listed <>"
                + " stored + duplicate + gone + dead_lettered"));
    assertEquals(0, number("select count(*) from message_dead"));
    assertEquals(0, number("select count(*) from sync_seen"));
  }

  /** What a lost history told of labels is lost, but for those that decide what is listed. */
  private Set<String> seen(List<String> labels) {
    Set<String> seen = new TreeSet<>(labels);
    if (forgetful) {
      seen.retainAll(Set.of("TRASH", "SPAM"));
    }
    return seen;
  }

  private static boolean hidden(Set<String> labels) {
    return labels.contains("TRASH") || labels.contains("SPAM");
  }

  /** While a sync goes on, now and then something happens before an answer. */
  private String meanwhile(HttpServerRequest request) {
    if (busy && random.nextInt(6) == 0) {
      change();
    }
    return null;
  }

  private JsonObject page(HttpServerRequest request) {
    long start = Long.parseLong(request.getParam("startHistoryId"));
    if (forgetful && busy && random.nextInt(8) == 0) {
      oldest = now;
    }
    if (start < oldest) {
      lost++;
      return null;
    }
    String token = request.getParam("pageToken");
    long after = token == null ? start : Long.parseLong(token);
    List<Event> left = log.stream().filter(e -> e.id() > after).toList();
    List<Event> shown = left.subList(0, Math.min(left.size(), 3));
    JsonObject page = google.page(shown.stream().map(Event::record).toArray(JsonObject[]::new));
    return shown.size() < left.size()
        ? page.put("nextPageToken", Long.toString(shown.get(shown.size() - 1).id()))
        : page;
  }

  private void change() {
    List<String> ids = List.copyOf(google.messages.keySet());
    int what = ids.isEmpty() ? 0 : random.nextInt(10);
    now += 1 + random.nextInt(3);
    google.historyId = Long.toString(now);
    if (what < 3) {
      String id = "m" + made++;
      List<String> labels = random.nextInt(6) == 0 ? List.of("SPAM") : some();
      google.messages.put(id, labels);
      tell("messagesAdded", id, labels);
      return;
    }
    String id = ids.get(random.nextInt(ids.size()));
    if (what < 5) {
      google.messages.remove(id);
      tell("messagesDeleted", id, List.of());
      return;
    }
    Set<String> labels = new TreeSet<>(google.messages.get(id));
    String label = random.nextInt(3) == 0 ? "TRASH" : LABELS.get(random.nextInt(4));
    if (labels.contains("SPAM")) {
      label = "SPAM";
    }
    boolean gained = labels.add(label);
    if (!gained) {
      labels.remove(label);
    }
    google.messages.put(id, List.copyOf(labels));
    JsonObject record = tell(gained ? "labelsAdded" : "labelsRemoved", id, List.of(label));
    if (random.nextBoolean() && !labels.isEmpty()) {
      record
          .getJsonArray(gained ? "labelsAdded" : "labelsRemoved")
          .getJsonObject(0)
          .getJsonObject("message")
          .put("labelIds", new JsonArray(List.copyOf(labels)));
    }
  }

  private List<String> some() {
    return LABELS.stream().filter(l -> random.nextBoolean()).toList();
  }

  private JsonObject tell(String array, String id, List<String> labels) {
    JsonObject record =
        ScriptedGoogle.change(Long.toString(now), array, id, labels.toArray(String[]::new));
    log.add(new Event(now, record));
    return record;
  }
}
