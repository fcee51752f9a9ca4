package io.millrace.pipeline;

import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static io.millrace.store.StoreTestKit.pool;
import static io.millrace.store.StoreTestKit.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.AccessTokens;
import io.millrace.google.GoogleHttp;
import io.millrace.google.MailboxNotice;
import io.millrace.google.PushSettings;
import io.millrace.store.Notices;
import io.vertx.core.http.HttpClient;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Mailboxes that somebody halts, resumes and lets go of. */
@Timeout(120)
class MailboxSwitchTest {
  private final SyncTestKit kit = new SyncTestKit();
  private HttpClient http;
  private MailboxSwitch switches;
  private long user;
  private String email;

  @AfterEach
  void close() throws Exception {
    if (http != null) {
      await(http.close());
    }
    kit.close();
  }

  private void begin() throws Exception {
    kit.push =
        new PushSettings(
            "audience",
            "a@b.c",
            URI.create("http://127.0.0.1/certs"),
            "127.0.0.1",
            0,
            "projects/example/topics/gmail",
            Duration.ofMinutes(15));
    kit.start(1, 30);
    user = kit.users.get(0);
    email = kit.simulator.accounts().get(0).email();
    assertEquals("completed", kit.synced(user));
    switches = switches();
  }

  private MailboxSwitch switches() {
    URI root = URI.create(kit.simulator.rootUrl());
    http = GoogleHttp.client(kit.vertx, kit.google(root), root);
    return new MailboxSwitch(
        pool(),
        kit.gmail,
        new AccessTokens(kit.vertx, http, kit.google(root), kit.mailboxes, InstantSource.system()),
        kit.engine.enqueuer());
  }

  private boolean pause(String why) throws Exception {
    return await(pool().withTransaction(tx -> switches.pause(tx, user, why)));
  }

  private boolean resume() throws Exception {
    return await(pool().withTransaction(tx -> switches.resume(tx, user)));
  }

  private boolean disconnect() throws Exception {
    return await(switches.disconnect(user));
  }

  private void look() throws Exception {
    run("update job_scheduled set run_at = clock() where user_id = $1", user);
    kit.until(
        0, "select 1 - count(*) from job_scheduled where user_id = $1 and run_at <= clock()", user);
  }

  private String lastNote() throws Exception {
    return one(
        String.class,
        "select note from job_outcome where user_id = $1 and kind ="
            + " (select id from job_kind where name = 'google_gmail_sync') order by id desc limit 1",
        user);
  }

  private Notices.Kind tell(String historyId) throws Exception {
    return await(kit.intake().take(new MailboxNotice(email, historyId)));
  }

  @Test
  void whoIsDisconnectedIsWatchedNoMoreAndReadNoMore() throws Exception {
    begin();
    assertTrue(disconnect());
    assertEquals(1, kit.simulator.report().calls().get("stop"));
    assertEquals(0, number("select count(*) from google_token where user_id = $1", user));
    assertEquals(0, number("select count(*) from mailbox where watch_topic is not null"));
    assertFalse(disconnect(), "again");
    assertEquals(1, kit.simulator.report().calls().get("stop"));
    String added = kit.order("add", 0, new JsonObject()).getString("historyId");
    assertEquals(Notices.Kind.SHUT, tell(added));
    kit.until(1, "select count(*) from job_scheduled where user_id = $1", user);
    look();
    kit.until(1, "select count(*) from job_outcome where user_id = $1 and state = 'skipped'", user);
    assertEquals("the mailbox is disconnected", lastNote());
    await(kit.mailboxes.connect(email, kit.simulator.accounts().get(0).refreshToken()));
    assertEquals("completed", kit.synced(user));
    assertEquals(31, SyncTestKit.messages(user) + kit.state(user).gone());
  }

  @Test
  void aGmailThatDoesNotAnswerHoldsNobody() throws Exception {
    begin();
    kit.stopEngine();
    ScriptedGoogle silent = new ScriptedGoogle(email, "1");
    silent.refuse = r -> r.path().endsWith("/stop");
    kit.engine(silent.root());
    switches = switches();
    long begun = System.nanoTime();
    assertTrue(disconnect());
    assertTrue(System.nanoTime() - begun < 20_000_000_000L);
    assertEquals(1, silent.count("/stop"));
    assertEquals(0, number("select count(*) from google_token where user_id = $1", user));
    silent.close();
  }

  @Test
  void aPausedMailboxRestsUntilItIsResumed() throws Exception {
    begin();
    assertTrue(pause("moving house"));
    assertFalse(pause(null));
    String added = kit.order("add", 0, new JsonObject()).getString("historyId");
    assertEquals(Notices.Kind.SHUT, tell(added));
    look();
    kit.until(1, "select count(*) from job_outcome where user_id = $1 and state = 'skipped'", user);
    assertEquals("the mailbox is paused", lastNote());
    long before = SyncTestKit.messages(user);
    assertTrue(resume());
    kit.engine.enqueuer().wake();
    kit.until(before + 1, "select count(*) from message where user_id = $1", user);
    assertFalse(resume());
  }
}
