package io.millrace.pipeline;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static io.millrace.store.StoreTestKit.pool;
import static io.millrace.store.StoreTestKit.rows;
import static io.millrace.store.StoreTestKit.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.Engine;
import io.millrace.google.MessageFormat;
import io.millrace.google.OnDemand;
import io.millrace.store.CacheSettings;
import io.millrace.store.Interactions;
import io.millrace.store.MessageCache;
import io.millrace.store.MessageRows;
import io.millrace.store.NewJob;
import io.millrace.store.Vault;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever took part in a message counts once, however often more of it is fetched. */
@Timeout(90)
class CountedOnceTest {
  private static final String LIVE =
      "select 1 - least(1, count(*)) from job where user_id = $1 and state in ('ready', 'running', 'scheduled')";
  private static final String NAMED =
      "select count(*) from interaction where user_id = $1 and participants <> '[]'";
  private static final String COUNTED =
      "select coalesce(sum(inbound + outbound), 0)::bigint from contact where user_id = $1";

  private final SyncTestKit kit = new SyncTestKit();
  private MessageReader reader;
  private long user;

  @AfterEach
  void close() throws Exception {
    extract(false);
    kit.close();
  }

  private void begin(MessageFormat format) throws Exception {
    kit.derive = true;
    kit.format = format;
    MessageRows rows = new MessageRows(pool());
    kit.cache = new MessageCache(kit.vertx, CacheSettings.DEFAULT, rows, new Vault("a key"));
    kit.start(1, 20);
    user = kit.users.get(0);
    extract(true);
    assertEquals("completed", kit.synced(user));
    reader =
        new MessageReader(pool(), kit.cache, rows, new OnDemand(kit.gmail), kit.engine.enqueuer());
    kit.until(
        SyncTestKit.messages(user), "select count(*) from interaction where user_id = $1", user);
  }

  /** Holds the counting back, or lets it go on. */
  private void extract(boolean held) throws Exception {
    run("update job_kind set paused = $2 where name = $1", ExtractContacts.KIND, held);
    kit.vertx.eventBus().publish(Engine.WAKE, "");
  }

  private void upgrade(List<String> ids) throws Exception {
    for (String id : ids) {
      assertNull(await(reader.read(user, id, MessageFormat.FULL)).orElseThrow().lacking());
    }
    kit.until(
        1,
        "select 1 - least(1, count(*)) from job j join job_kind k on k.id = j.kind where j.user_id = $1"
            + " and k.name = 'normalize_google_email' and j.state in ('ready', 'running', 'scheduled')",
        user);
  }

  private List<String> some(int n) throws Exception {
    List<String> ids = new ArrayList<>();
    for (Row row :
        rows(
            "select id from message where user_id = $1 and deleted_at is null order by id limit $2",
            user,
            (long) n)) {
      ids.add(row.getString(0));
    }
    return ids;
  }

  /** What counting everything that is there anew, once, comes to. */
  private long countedAnew() throws Exception {
    JsonArray ids = new JsonArray();
    for (Row row : rows("select message_id from interaction where user_id = $1", user)) {
      ids.add(row.getString(0));
    }
    run("delete from contact where user_id = $1", user);
    await(
        kit.jobs.enqueue(
            pool(),
            List.of(
                NewJob.of(user, ExtractContacts.KIND, new JsonObject().put("ids", ids).encode()))));
    kit.vertx.eventBus().publish(Engine.WAKE, "");
    kit.until(1, LIVE, user);
    return number(COUNTED, user);
  }

  @Test
  void anUpgradeOfMessagesWhoseContactsAreNotCountedYetCountsThemOnce() throws Exception {
    for (MessageFormat format : List.of(MessageFormat.MINIMAL, MessageFormat.METADATA)) {
      begin(format);
      upgrade(some(6));
      extract(false);
      kit.until(1, LIVE, user);
      long counted = number(COUNTED, user);
      assertTrue(counted > 0);
      assertEquals(countedAnew(), counted, format.toString());
      kit.close();
      kit.users.clear();
      kit.engine = null;
    }
    kit.start(1, 1);
  }

  @Test
  void anUpgradeAfterTheCountCountsWhatWasNotKnown() throws Exception {
    begin(MessageFormat.MINIMAL);
    extract(false);
    kit.until(1, LIVE, user);
    assertEquals(0, number(NAMED, user));
    upgrade(some(3));
    kit.until(1, LIVE, user);
    long counted = number(COUNTED, user);
    assertTrue(counted >= 3);
    assertEquals(countedAnew(), counted);
  }

  /** A job that read the message before it was upgraded, and writes after that. */
  @Test
  void whatIsMadeOfLessComesTooLate() throws Exception {
    begin(MessageFormat.METADATA);
    String id = some(1).get(0);
    String named =
        "select participants::text from interaction where user_id = $1 and message_id = $2";
    String before = one(String.class, named, user, id);
    Interactions.Written bare =
        new Interactions.Written(
            id, "t", 0, "unknown", "", "[]", "", false, "[]", null, null, List.of(), List.of());
    Interactions interactions = new Interactions(pool());
    assertEquals(
        List.of(),
        await(pool().withTransaction(tx -> interactions.store(tx, user, List.of(bare)))));
    assertEquals(before, one(String.class, named, user, id));
  }
}
