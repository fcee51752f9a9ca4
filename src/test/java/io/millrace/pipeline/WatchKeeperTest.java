package io.millrace.pipeline;

import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.google.PushSettings;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Asking Gmail to tell of changes, at the end of a sync. */
@Timeout(120)
class WatchKeeperTest {
  private static final String POLLED_IN =
      "select extract(epoch from run_at - clock())::bigint from job_scheduled where user_id = $1";

  private final SyncTestKit kit = new SyncTestKit();
  private long user;

  @AfterEach
  void close() throws Exception {
    kit.close();
  }

  private void begin(String topic) throws Exception {
    kit.pollEvery = Duration.ofMinutes(1);
    kit.push =
        new PushSettings(
            "audience",
            "a@b.c",
            URI.create("http://127.0.0.1/certs"),
            "127.0.0.1",
            0,
            topic,
            Duration.ofMinutes(15));
    kit.start(1, 20);
    user = kit.users.get(0);
  }

  private long asked() {
    return kit.simulator.report().calls().get("watch");
  }

  /** Has the poll come now, and waits for the one after it. */
  private void look() throws Exception {
    long before = number("select max(id) from job where user_id = $1", user);
    run("update job_scheduled set run_at = clock() where user_id = $1", user);
    kit.until(
        before + 1, "select coalesce(max(id), 0) from job_scheduled where user_id = $1", user);
  }

  @Test
  void aMailboxIsWatchedOnceADayAndPolledRarely() throws Exception {
    begin("projects/example/topics/gmail");
    assertEquals("completed", kit.synced(user));
    assertEquals(1, asked());
    assertTrue(number(POLLED_IN, user) > 800);
    look();
    assertEquals(1, asked(), "renewed only when it is time");
    run("update mailbox set watch_next = clock() where user_id = $1", user);
    look();
    assertEquals(2, asked());
    // Another grant: what was promised under the old one is worth nothing.
    run("update google_token set updated_at = clock() where user_id = $1", user);
    look();
    assertEquals(3, asked());
    assertEquals(
        1,
        number(
            "select count(*) from mailbox where watch_failures = 0 and watch_expires > clock()"
                + " and watch_next between clock() and watch_expires"));
  }

  @Test
  void whereGmailRefusesTheMailboxIsPolledAndGmailAskedLessAndLess() throws Exception {
    begin("nonsense");
    assertEquals("completed", kit.synced(user));
    assertEquals(1, asked());
    assertTrue(number(POLLED_IN, user) < 61);
    run("update mailbox set watch_next = watch_next + interval '1 hour' where user_id = $1", user);
    look();
    assertEquals(1, asked(), "left alone for a while");
    run("update mailbox set watch_next = clock() where user_id = $1", user);
    look();
    assertEquals(2, asked());
    assertEquals(2, number("select watch_failures::bigint from mailbox where user_id = $1", user));
    assertEquals(
        0,
        number("select count(*) from mailbox where trouble is not null or watch_made is not null"));
  }
}
