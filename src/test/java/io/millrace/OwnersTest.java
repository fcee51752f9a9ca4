package io.millrace;

import static io.millrace.OwnersTestKit.ALICE;
import static io.millrace.OwnersTestKit.BOB;
import static io.millrace.OwnersTestKit.OPERATOR;
import static io.millrace.OwnersTestKit.await;
import static io.millrace.OwnersTestKit.browser;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Owners connect their mailboxes by Google's consent and read their mail. */
@Timeout(120)
class OwnersTest {
  private static OwnersTestKit kit;

  @BeforeAll
  static void open() throws Exception {
    kit = new OwnersTestKit(40);
  }

  @AfterAll
  static void close() throws Exception {
    kit.close();
  }

  @BeforeEach
  void everybodyConsents() throws Exception {
    kit.decide(kit.alice, null);
    kit.decide(kit.bob, null);
  }

  private static long grants(String email) throws Exception {
    return await(
            kit.database
                .pool()
                .preparedQuery(
                    "select count(*) from google_token join account using (user_id) where email = $1")
                .execute(Tuple.of(email)))
        .iterator()
        .next()
        .getLong(0);
  }

  private static void refused(HttpResponse<String> answer, String sentence) {
    assertEquals(409, answer.statusCode(), answer.body());
    String detail = new JsonObject(answer.body()).getString("detail");
    assertTrue(detail.contains(sentence), detail);
  }

  @Test
  void anOwnerConnectsAndReadsAndNobodyElseDoes() throws Exception {
    HttpClient by = browser();
    HttpResponse<String> done = kit.finish(by, ALICE, kit.consent(by, ALICE, null));
    assertEquals(200, done.statusCode(), done.body());
    JsonObject connected = new JsonObject(done.body());
    assertEquals(kit.alice, connected.getString("email"));
    String mailbox = "/api/v1/mailboxes/" + connected.getLong("user");
    kit.until(mailbox, ALICE, at -> "complete".equals(at.getString("phase")));
    JsonObject page =
        kit.until(
            mailbox + "/messages?limit=5",
            ALICE,
            at -> at.getJsonArray("items").getJsonObject(0).getString("subject") != null);
    assertEquals(5, page.getJsonArray("items").size());
    String message = page.getJsonArray("items").getJsonObject(0).getString("id");
    String path = mailbox + "/messages/" + message;
    JsonObject stored = kit.until(path, ALICE, at -> true);
    assertEquals("metadata", stored.getString("stored"));
    assertEquals("", stored.getString("text"));
    JsonObject whole = kit.until(path + "?whole=true", ALICE, at -> true);
    assertEquals("full", whole.getString("stored"), whole.encode());
    assertFalse(whole.getString("text").isBlank());
    for (String other : List.of(mailbox, mailbox + "/messages", path)) {
      assertEquals(404, kit.send(by, "GET", other, BOB, null).statusCode(), other);
    }
    assertEquals(403, kit.send(by, "GET", path, OPERATOR, null).statusCode());
    JsonObject audit =
        kit.until("/api/v1/audit?action=mailbox.connect", OPERATOR, at -> true)
            .getJsonArray("items")
            .getJsonObject(0);
    assertEquals("alice", audit.getString("actor"));
    assertEquals(kit.alice, audit.getJsonObject("result").getString("email"));
  }

  @Test
  void consentIsGoodOnceAndForWhoBeganItInTheirBrowser() throws Exception {
    await(kit.database.pool().query("delete from google_token").execute());
    HttpClient by = browser();
    JsonObject brought = kit.consent(by, BOB, null);
    String unknown = "was not begun here by you";
    refused(kit.finish(browser(), BOB, brought), unknown);
    refused(kit.finish(by, ALICE, brought), unknown);
    refused(kit.finish(by, OPERATOR, brought), unknown);
    refused(kit.finish(by, BOB, brought.copy().put("state", "x".repeat(43))), unknown);
    assertEquals(0, grants(kit.bob));
    assertEquals(200, kit.finish(by, BOB, brought).statusCode());
    refused(kit.finish(by, BOB, brought), unknown);
    JsonObject late = kit.consent(by, BOB, null);
    await(
        kit.database
            .pool()
            .query("update console_consent set expires_at = clock() - interval '1 s'")
            .execute());
    refused(kit.finish(by, BOB, late), unknown);
  }

  @Test
  void whatWasNotAllowedIsToldInASentence() throws Exception {
    HttpClient by = browser();
    kit.decide(kit.bob, "deny");
    JsonObject denied = kit.consent(by, BOB, null);
    assertEquals("access_denied", denied.getString("error"));
    refused(kit.finish(by, BOB, denied), "Access was declined on Google's page");
    kit.decide(kit.bob, "openid email");
    refused(kit.finish(by, BOB, kit.consent(by, BOB, null)), "the box beside it must be ticked");
    kit.decide(kit.bob, null);
    JsonObject forged = kit.consent(by, BOB, null).put("code", "4/forged");
    refused(kit.finish(by, BOB, forged), "the code was used or is too old");
    // Where there is nobody of that address, the page is left with another account.
    JsonObject another = kit.consent(by, OPERATOR, "somebody@example.org");
    refused(kit.finish(by, OPERATOR, another), "Consent is that of " + kit.alice + ", not of");
  }

  @Test
  void anOperatorConnectsForAUserAndAnEndUserOnlyTheirOwn() throws Exception {
    HttpClient by = browser();
    HttpResponse<String> done = kit.finish(by, OPERATOR, kit.consent(by, OPERATOR, kit.bob));
    assertEquals(kit.bob, new JsonObject(done.body()).getString("email"), done.body());
    HttpResponse<String> own = kit.finish(by, ALICE, kit.consent(by, ALICE, kit.bob));
    assertEquals(kit.alice, new JsonObject(own.body()).getString("email"), own.body());
  }
}
