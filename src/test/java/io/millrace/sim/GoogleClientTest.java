package io.millrace.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.api.client.googleapis.batch.BatchRequest;
import com.google.api.client.googleapis.batch.json.JsonBatchCallback;
import com.google.api.client.googleapis.json.GoogleJsonError;
import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.http.HttpHeaders;
import com.google.api.services.gmail.Gmail;
import com.google.api.services.gmail.model.History;
import com.google.api.services.gmail.model.ListHistoryResponse;
import com.google.api.services.gmail.model.ListMessagesResponse;
import com.google.api.services.gmail.model.Message;
import com.google.api.services.gmail.model.MessagePart;
import com.google.api.services.gmail.model.MessagePartHeader;
import com.google.api.services.gmail.model.Thread;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Google's own Java client finds in the simulator what it expects of Gmail. */
class GoogleClientTest {
  private static SimTestKit kit;
  private static Gmail gmail;

  @BeforeAll
  static void start() {
    kit =
        new SimTestKit(
            SimOptions.defaults().withProfile("unlimited").withMailboxes(2).withMessages(1200));
    gmail = kit.client(0);
  }

  @AfterAll
  static void stop() {
    kit.close();
  }

  private static List<Message> listAll(boolean spamTrash) throws IOException {
    List<Message> all = new ArrayList<>();
    String token = null;
    do {
      ListMessagesResponse page =
          gmail
              .users()
              .messages()
              .list("me")
              .setMaxResults(500L)
              .setIncludeSpamTrash(spamTrash)
              .setPageToken(token)
              .execute();
      all.addAll(page.getMessages());
      token = page.getNextPageToken();
    } while (token != null);
    return all;
  }

  @Test
  void listsEveryMessageOnceAndSpamOnlyWhenAsked() throws IOException {
    List<Message> all = listAll(true);
    Set<String> ids = new HashSet<>();
    all.forEach(message -> ids.add(message.getId()));
    assertTrue(all.size() >= 1200 && ids.size() == all.size());
    int plain = listAll(false).size();
    assertTrue(plain < all.size() && plain > all.size() * 0.9, plain + " of " + all.size());
  }

  @Test
  void getsAMessageInEveryFormat() throws IOException {
    String id = listAll(false).get(3).getId();
    Message minimal = get(id, "minimal");
    assertNull(minimal.getPayload());
    assertNotNull(minimal.getSnippet());
    assertTrue(minimal.getInternalDate() > 0);
    assertTrue(minimal.getHistoryId().signum() > 0);
    Message metadata = get(id, "metadata");
    assertTrue(metadata.getPayload().getHeaders().size() > 6);
    assertNull(metadata.getPayload().getBody());
    Message full = get(id, "full");
    assertEquals(header(metadata, "Subject"), header(full, "Subject"));
    Message raw = get(id, "raw");
    String text = new String(raw.decodeRaw(), StandardCharsets.UTF_8);
    assertTrue(text.contains("Subject: " + header(full, "Subject")));
  }

  @Test
  void selectsMetadataHeaders() throws IOException {
    String id = listAll(false).get(0).getId();
    Message message =
        gmail
            .users()
            .messages()
            .get("me", id)
            .setFormat("metadata")
            .setMetadataHeaders(List.of("subject", "From"))
            .execute();
    assertEquals(2, message.getPayload().getHeaders().size());
  }

  @Test
  void theRawMailHoldsTheTreesBodies() throws Exception {
    for (Message listed : listAll(true).subList(0, 60)) {
      Message full = get(listed.getId(), "full");
      byte[] raw = get(listed.getId(), "raw").decodeRaw();
      Part parsed = new MimeTree(raw).root();
      List<byte[]> bodies = new ArrayList<>();
      bodies(full.getPayload(), bodies);
      List<byte[]> fromRaw = new ArrayList<>();
      bodies(parsed, fromRaw);
      assertEquals(bodies.size(), fromRaw.size());
      for (int i = 0; i < bodies.size(); i++) {
        if (bodies.get(i).length > 0) {
          assertArrayEquals(bodies.get(i), fromRaw.get(i), listed.getId());
        }
      }
    }
  }

  private static void bodies(MessagePart part, List<byte[]> into) {
    if (part.getParts() == null) {
      byte[] data = part.getBody().decodeData();
      into.add(data == null ? new byte[0] : data);
      return;
    }
    part.getParts().forEach(child -> bodies(child, into));
  }

  private static void bodies(Part part, List<byte[]> into) {
    if (part.parts().isEmpty()) {
      into.add(part.data().get());
    }
    part.parts().forEach(child -> bodies(child, into));
  }

  @Test
  void fetchesAttachmentsApart() throws IOException {
    for (Message listed : listAll(false)) {
      Message full = get(listed.getId(), "full");
      if (full.getPayload().getParts() == null) {
        continue;
      }
      for (MessagePart part : full.getPayload().getParts()) {
        if (part.getBody().getAttachmentId() != null) {
          byte[] data =
              gmail
                  .users()
                  .messages()
                  .attachments()
                  .get("me", full.getId(), part.getBody().getAttachmentId())
                  .execute()
                  .decodeData();
          assertEquals(part.getBody().getSize(), data.length);
          return;
        }
      }
    }
    throw new AssertionError("no attachment in the whole mailbox");
  }

  @Test
  void getsThreadsWithTheirMessagesOldestFirst() throws IOException {
    int longest = 0;
    for (Message listed : listAll(false).subList(0, 50)) {
      Thread thread =
          gmail.users().threads().get("me", listed.getThreadId()).setFormat("minimal").execute();
      assertEquals(thread.getId(), thread.getMessages().get(0).getId());
      assertTrue(thread.getMessages().stream().anyMatch(m -> m.getId().equals(listed.getId())));
      longest = Math.max(longest, thread.getMessages().size());
    }
    assertTrue(longest > 2);
    assertFalse(gmail.users().threads().list("me").execute().getThreads().isEmpty());
  }

  @Test
  void historyTellsWhatWasAddedDeletedAndLabelled() throws IOException {
    Gmail other = kit.client(1);
    BigInteger start = other.users().getProfile("me").execute().getHistoryId();
    assertNull(other.users().history().list("me").setStartHistoryId(start).execute().getHistory());
    JsonObject who = new JsonObject().put("email", kit.email(1));
    String added = kit.order("add", who).getString("id");
    String deleted = other.users().messages().list("me").execute().getMessages().get(5).getId();
    String relabelled = other.users().messages().list("me").execute().getMessages().get(6).getId();
    kit.order("delete", who.copy().put("id", deleted));
    kit.order(
        "label",
        who.copy()
            .put("id", relabelled)
            .put("add", new io.vertx.core.json.JsonArray().add("Label_1x")));
    ListHistoryResponse answer =
        other.users().history().list("me").setStartHistoryId(start).execute();
    List<History> history = answer.getHistory();
    assertEquals(3, history.size());
    assertEquals(added, history.get(0).getMessagesAdded().get(0).getMessage().getId());
    assertEquals(deleted, history.get(1).getMessagesDeleted().get(0).getMessage().getId());
    assertEquals(List.of("Label_1x"), history.get(2).getLabelsAdded().get(0).getLabelIds());
    assertTrue(answer.getHistoryId().compareTo(start) > 0);
    ListHistoryResponse page =
        other.users().history().list("me").setStartHistoryId(start).setMaxResults(2L).execute();
    assertEquals(2, page.getHistory().size());
    assertNotNull(page.getNextPageToken());
    assertEquals(404, status(() -> other.users().messages().get("me", deleted).execute()));
    kit.order("expire-history", who);
    assertEquals(
        404, status(() -> other.users().history().list("me").setStartHistoryId(start).execute()));
  }

  @Test
  void batchesCarryEachPartsOutcome() throws IOException {
    List<Message> listed = listAll(false).subList(0, 40);
    BatchRequest batch = gmail.batch();
    List<String> got = new ArrayList<>();
    List<Integer> failed = new ArrayList<>();
    JsonBatchCallback<Message> callback =
        new JsonBatchCallback<>() {
          @Override
          public void onSuccess(Message message, HttpHeaders headers) {
            got.add(message.getId());
          }

          @Override
          public void onFailure(GoogleJsonError error, HttpHeaders headers) {
            failed.add(error.getCode());
          }
        };
    for (Message message : listed) {
      gmail.users().messages().get("me", message.getId()).queue(batch, callback);
    }
    gmail.users().messages().get("me", "ffffffffffffffff").queue(batch, callback);
    batch.execute();
    assertEquals(listed.stream().map(Message::getId).toList(), got);
    assertEquals(List.of(404), failed);
  }

  @Test
  void labelsAndProfile() throws IOException {
    assertTrue(gmail.users().labels().list("me").execute().getLabels().size() > 14);
    assertEquals("Customers", gmail.users().labels().get("me", "Label_1").execute().getName());
    // One message in spam or trash to every 32 that a list shows.
    assertEquals(
        1200 + 1200 / 32, gmail.users().getProfile(kit.email(0)).execute().getMessagesTotal());
    assertEquals(404, status(() -> gmail.users().labels().get("me", "none").execute()));
  }

  @Test
  void searchesAndLabelsNarrowAList() throws IOException {
    int inbox = count("in:inbox");
    int sent = count("in:sent");
    assertTrue(inbox > 300 && sent > 100, inbox + " " + sent);
    assertEquals(inbox, count("in:inbox -in:sent"));
    assertTrue(count("from:person0@") > 0);
    assertTrue(count("after:2026/11/01") < 1200 && count("after:2026/11/01") > 0);
    assertEquals(count(""), count("newer_than:10d") + count("older_than:10d"));
    assertEquals(
        inbox,
        gmail
                .users()
                .messages()
                .list("me")
                .setLabelIds(List.of("INBOX"))
                .setMaxResults(500L)
                .execute()
                .getMessages()
                .size()
            + Math.max(0, inbox - 500));
  }

  private static int count(String q) throws IOException {
    int count = 0;
    String token = null;
    do {
      ListMessagesResponse page =
          gmail.users().messages().list("me").setQ(q).setPageToken(token).execute();
      count += page.getMessages() == null ? 0 : page.getMessages().size();
      token = page.getNextPageToken();
    } while (token != null);
    return count;
  }

  @Test
  void errorsHaveGooglesEnvelope() throws IOException {
    GoogleJsonResponseException gone =
        assertThrows(GoogleJsonResponseException.class, () -> get("0000000000000001", "full"));
    assertEquals(404, gone.getStatusCode());
    assertEquals("Requested entity was not found.", gone.getDetails().getMessage());
    assertEquals("notFound", gone.getDetails().getErrors().get(0).getReason());
    assertEquals(400, status(() -> get("not an id", "full")));
    assertEquals(400, status(() -> get("0000000000000001", "fancy")));
    assertEquals(403, status(() -> gmail.users().getProfile("someone@else.example").execute()));
    assertEquals(
        400, status(() -> gmail.users().messages().list("me").setPageToken("x").execute()));
    kit.order("revoke", new JsonObject().put("email", kit.email(1)));
    Gmail other = kit.client(1);
    kit.order("revoke", new JsonObject().put("email", kit.email(1)));
    assertEquals(401, status(() -> other.users().getProfile("me").execute()));
  }

  @Test
  void partialResponsesKeepOnlyTheirFields() throws IOException {
    ListMessagesResponse page =
        gmail.users().messages().list("me").setFields("messages(id,threadId)").execute();
    assertNull(page.getNextPageToken());
    assertNotNull(page.getMessages().get(0).getThreadId());
    Message message =
        gmail
            .users()
            .messages()
            .get("me", page.getMessages().get(0).getId())
            .setFields("id,payload/headers(name),payload/parts/mimeType")
            .execute();
    assertNull(message.getSnippet());
    assertNull(message.getPayload().getHeaders().get(0).getValue());
    assertNotNull(message.getPayload().getHeaders().get(0).getName());
  }

  private interface Action {
    void run() throws IOException;
  }

  private static int status(Action action) {
    return assertThrows(GoogleJsonResponseException.class, action::run).getStatusCode();
  }

  private static Message get(String id, String format) throws IOException {
    return gmail.users().messages().get("me", id).setFormat(format).execute();
  }

  private static String header(Message message, String name) {
    for (MessagePartHeader header : message.getPayload().getHeaders()) {
      if (header.getName().equals(name)) {
        return header.getValue();
      }
    }
    return null;
  }
}
