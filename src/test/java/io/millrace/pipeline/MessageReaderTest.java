package io.millrace.pipeline;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.MessageFormat;
import io.millrace.google.OnDemand;
import io.millrace.store.CacheSettings;
import io.millrace.store.MessageCache;
import io.millrace.store.MessageRow;
import io.millrace.store.MessageRows;
import io.millrace.store.StoreTestKit;
import io.millrace.store.Vault;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages and attachments for a person who waits. */
@Timeout(90)
class MessageReaderTest {
  private static final String FORMAT = "select format from message where user_id = $1 and id = $2";
  private static final String DERIVE =
      "select count(*) from job_body b join job_kind k on k.id = b.kind"
          + " where k.name = 'normalize_google_email' and b.payload = jsonb_build_object('ids',"
          + " jsonb_build_array($1::text))";

  private final SyncTestKit kit = new SyncTestKit();
  private final MessageRows rows = new MessageRows(pool());
  private MessageReader reader;
  private long user;

  @AfterEach
  void close() throws Exception {
    kit.close();
    assertEquals(0, kit.budget.held(), "bytes of mail that nobody gave back");
  }

  private void begin(MessageFormat format, int messages) throws Exception {
    kit.format = format;
    kit.cache =
        new MessageCache(
            kit.vertx,
            CacheSettings.DEFAULT.withFresh(Duration.ofHours(1)),
            rows,
            new Vault("a key"));
    kit.start(2, messages);
    user = kit.users.get(0);
    kit.synced(user);
    reader =
        new MessageReader(pool(), kit.cache, rows, new OnDemand(kit.gmail), kit.engine.enqueuer());
  }

  private AttachmentReader attachments(boolean fetched, int maxBytes) {
    return new AttachmentReader(
        kit.vertx,
        new AttachmentSettings(fetched, maxBytes),
        reader,
        rows,
        new OnDemand(kit.gmail));
  }

  private String anyId() throws Exception {
    return one(
        String.class,
        "select id from message where user_id = $1 and deleted_at is null order by id limit 1",
        user);
  }

  private MessageReader.Reading read(String id, MessageFormat wanted) throws Exception {
    return await(reader.read(user, id, wanted)).orElseThrow();
  }

  @Test
  void aHundredWhoWantTheBodyCauseOneFetchThatIsStoredAndDerivedFrom() throws Exception {
    begin(MessageFormat.METADATA, 60);
    String id = anyId();
    MessageRow before = await(reader.stored(user, id)).orElseThrow();
    assertEquals(MessageFormat.METADATA, before.format());
    long delivered = kit.simulator.report().messagesDelivered();
    List<Future<Optional<MessageReader.Reading>>> asks = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      asks.add(reader.read(user, id, MessageFormat.FULL));
    }
    await(Future.all(asks));
    for (Future<Optional<MessageReader.Reading>> ask : asks) {
      assertNull(ask.result().orElseThrow().lacking());
      assertTrue(ask.result().orElseThrow().message().payload().length > before.payload().length);
    }
    assertEquals(delivered + 1, kit.simulator.report().messagesDelivered());
    assertEquals("full", one(String.class, FORMAT, user, id));
    assertEquals(1, number(DERIVE, id), "derived anew, once");
    assertEquals(before.labelIds(), read(id, MessageFormat.FULL).message().labelIds());
    assertEquals(delivered + 1, kit.simulator.report().messagesDelivered());
    assertTrue(await(reader.read(kit.users.get(1), id, MessageFormat.FULL)).isEmpty());
  }

  @Test
  void anInteractionMadeWithoutHeadersIsMadeAnew() throws Exception {
    begin(MessageFormat.MINIMAL, 20);
    String id = anyId();
    StoreTestKit.run(
        "insert into interaction (user_id, message_id, thread_id, at, direction, subject,"
            + " participants, text, text_truncated, attachments, reference_ids, flaws) values"
            + " ($1, $2, 't', clock(), 'unknown', '', '[]', '', false, '[]', '{}', '{}')",
        user,
        id);
    assertNull(read(id, MessageFormat.METADATA).lacking());
    assertEquals("metadata", one(String.class, FORMAT, user, id));
    assertEquals(1, number(DERIVE, id));
    assertNull(read(id, MessageFormat.FULL).lacking());
    assertEquals("full", one(String.class, FORMAT, user, id));
  }

  @Test
  void whatTheSyncSaidMeanwhileStays() throws Exception {
    begin(MessageFormat.METADATA, 40);
    String id = anyId();
    kit.order("label", 0, new JsonObject().put("id", id).put("add", new JsonArray().add("DONE")));
    assertNull(read(id, MessageFormat.FULL).lacking());
    String labels = "select count(*) from message where id = $1 and 'DONE' = any(label_ids)";
    assertEquals(0, number(labels, id), "labels are the sync's to bring");
    kit.synced(user);
    assertEquals(1, number(labels, id));
    assertTrue(read(id, MessageFormat.FULL).message().labelIds().contains("DONE"), "not cached");

    kit.order("delete", 0, new JsonObject().put("id", id));
    kit.synced(user);
    MessageReader.Reading deleted = read(id, MessageFormat.FULL);
    assertTrue(deleted.message().deleted());

    String other = anyId();
    StoreTestKit.run("update message set deleted_at = clock() where id = $1", other);
    kit.cache.changed(user, List.of(other));
    assertEquals(
        "The message was deleted from the mailbox.", read(other, MessageFormat.FULL).lacking());
    assertEquals("metadata", one(String.class, FORMAT, user, other));
  }

  @Test
  void aTombstoneThatComesWhileTheMessageIsFetchedIsNotUndone() throws Exception {
    begin(MessageFormat.METADATA, 40);
    String id = anyId();
    // Not told to the cache: as if it happened between the look and the write.
    await(reader.stored(user, id));
    StoreTestKit.run("update message set deleted_at = clock() where id = $1", id);
    MessageReader.Reading reading = read(id, MessageFormat.FULL);
    assertTrue(reading.message().deleted());
    assertEquals("metadata", one(String.class, FORMAT, user, id));
    assertEquals(0, number(DERIVE, id));
  }

  @Test
  void whatGoogleDoesNotGiveIsSaidAndTheRestAnswered() throws Exception {
    begin(MessageFormat.METADATA, 40);
    String id = anyId();
    kit.order("delete", 0, new JsonObject().put("id", id));
    MessageReader.Reading gone = read(id, MessageFormat.FULL);
    assertEquals("Google has the message no more.", gone.lacking());
    assertTrue(gone.message().payload().length > 0);
    assertTrue(await(reader.read(user, "nothing", MessageFormat.FULL)).isEmpty());
    kit.order("revoke-grant", 0, new JsonObject());
    kit.order("revoke", 0, new JsonObject());
    assertNotNull(read(anyIdBut(id), MessageFormat.FULL).lacking());
  }

  private String anyIdBut(String id) throws Exception {
    return one(
        String.class, "select id from message where user_id = $1 and id <> $2 limit 1", user, id);
  }

  @Test
  void anAttachmentIsListedOnlyUnlessThePolicySaysOtherwise() throws Exception {
    begin(MessageFormat.FULL, 120);
    Listed listed = anyAttachment();
    assertEquals(
        "Attachments are listed only: attachments.bodies is \"list\".",
        attachment(attachments(false, 1 << 20), listed).lacking());
    assertTrue(
        attachment(attachments(true, 1), listed)
            .lacking()
            .contains("more than attachments.maxBytes"));
    assertEquals(0, number("select count(*) from attachment"));

    AttachmentReader fetching = attachments(true, 10 << 20);
    List<Future<Optional<AttachmentReader.Reading>>> asks = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      asks.add(fetching.read(user, listed.message(), listed.attachment().partId()));
    }
    await(Future.all(asks));
    byte[] content = attachment(fetching, listed).attachment().content();
    assertEquals(listed.attachment().size(), content.length);
    assertEquals(1, calls("messages.attachments.get"), "one call for all");
    assertEquals(1, number("select count(*) from attachment where user_id = $1", user));
    assertArrayEquals(
        content,
        attachment(attachments(false, 1), listed).attachment().content(),
        "what is stored is answered");
    assertTrue(await(fetching.read(kit.users.get(1), listed.message(), "1")).isEmpty());
    assertTrue(await(fetching.read(user, listed.message(), "77")).isEmpty());
  }

  @Test
  void anIdThatIsNoLongerGoodIsRenewedByTheMessage() throws Exception {
    begin(MessageFormat.FULL, 120);
    Listed listed = anyAttachment();
    byte[] old;
    try (Inflate inflate = new Inflate()) {
      byte[] payload =
          rows.row(user, listed.message())
              .toCompletionStage()
              .toCompletableFuture()
              .get()
              .orElseThrow()
              .payload();
      old = inflate.of(payload);
    }
    String json = new String(old, StandardCharsets.UTF_8);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(bytes)) {
      out.write(json.replace("ANGjdJ-", "OLDjdJ-").getBytes(StandardCharsets.UTF_8));
    }
    StoreTestKit.run(
        "update message set payload = $2 where id = $1",
        listed.message(),
        Buffer.buffer(bytes.toByteArray()));
    kit.cache.changed(user, List.of(listed.message()));
    AttachmentReader.Reading reading = attachment(attachments(true, 10 << 20), listed);
    assertNull(reading.lacking());
    assertEquals(listed.attachment().size(), reading.attachment().content().length);
    assertEquals(2, calls("messages.attachments.get"));
  }

  private record Listed(String message, Attachment attachment) {}

  private static AttachmentReader.Reading attachment(AttachmentReader reader, Listed listed)
      throws Exception {
    long owner = one(Long.class, "select user_id from message where id = $1", listed.message());
    return await(reader.read(owner, listed.message(), listed.attachment().partId())).orElseThrow();
  }

  private long calls(String method) {
    return kit.simulator.report().calls().getOrDefault(method, 0L);
  }

  private Listed anyAttachment() throws Exception {
    for (Row row :
        StoreTestKit.rows("select id, payload from message where user_id = $1 order by id", user)) {
      byte[] json;
      try (Inflate inflate = new Inflate()) {
        json = inflate.of(row.getBuffer(1).getBytes());
      }
      for (Attachment a : AttachmentList.of(PayloadReader.read(json, new Flaws()), new Flaws())) {
        if (a.attachmentId() != null && a.size() > 1) {
          return new Listed(row.getString(0), a);
        }
      }
    }
    throw new AssertionError("no message has an attachment");
  }
}
