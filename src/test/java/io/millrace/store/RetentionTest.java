package io.millrace.store;

import static io.millrace.store.JobsTestKit.KIND;
import static io.millrace.store.JobsTestKit.buried;
import static io.millrace.store.JobsTestKit.count;
import static io.millrace.store.JobsTestKit.done;
import static io.millrace.store.JobsTestKit.job;
import static io.millrace.store.JobsTestKit.state;
import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.pool;
import static io.millrace.store.StoreTestKit.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** History goes when its time is over, and nothing else does. */
@Tag("partitions")
@Timeout(60)
class RetentionTest {
  private static final int OLD = 20;

  private JobsTestKit kit;
  private LocalDate old;
  private final Retention retention = new Retention(pool(), RetentionSettings.DEFAULT);

  @BeforeEach
  void empty() throws Exception {
    kit = new JobsTestKit();
    run("truncate change_cursor");
    LocalDate today =
        StoreTestKit.one(LocalDate.class, "select (clock() at time zone 'UTC')::date");
    old = today.minusDays(OLD);
    for (String parent : List.of("job_body", "job_outcome")) {
      run(
          "create table %s partition of %s for values from ('%s') to ('%s')"
              .formatted(table(parent), parent, old, old.plusDays(1)));
    }
  }

  private String table(String parent) {
    return parent + "_" + old.format(DateTimeFormatter.BASIC_ISO_DATE);
  }

  @AfterEach
  void clean() throws Exception {
    run("update job_kind set keep_days = null");
    await(retention.sweep());
  }

  /** Jobs that were enqueued, and ends that happened, long ago. */
  private void age() throws Exception {
    run("update job_body set day = $1", old);
    run("update job_outcome set day = $1, body_day = $1", old);
    for (String table : List.of("ready", "scheduled", "running", "dead")) {
      run("update job_" + table + " set day = $1", old);
    }
  }

  private boolean there(String parent) throws Exception {
    return StoreTestKit.one(
        Boolean.class, "select to_regclass($1) is not null", "millrace." + table(parent));
  }

  @Test
  void anOldDayGoesAndTheBodiesOfWhatIsNotOverAreCarriedForward() throws Exception {
    List<Long> ids = new ArrayList<>(kit.enqueue(job(1), job(2), job(3), job(4)));
    kit.settle(done(kit.claim(1).get(0).key()), buried(kit.claim(1).get(0).key()));
    ClaimedJob running = kit.claim(1).get(0);
    ids.add(kit.enqueue(job(5).at(Instant.now().plusSeconds(600))).get(0));
    age();
    Retention.Swept swept = await(retention.sweep());
    assertEquals(List.of(table("job_body"), table("job_outcome")), swept.dropped());
    assertEquals(4, swept.carried());
    assertEquals(0, number("select count(*) from job_body where id = $1", ids.get(0)));
    for (int i = 1; i < 5; i++) {
      assertEquals(1, number("select count(*) from job_body where id = $1", ids.get(i)));
    }
    assertEquals("dead", state(ids.get(1)));
    assertEquals("{}", kit.claim(1).get(0).payload());
    assertEquals(1, kit.settle(done(running.key())));
    Redrives.Result again = await(new Redrives(pool(), kit.jobs).redrive(2, ids.get(1)));
    assertEquals(1, again.redriven().size());
    assertEquals(List.of(), await(new Checks(pool(), 300_000, 1, 1).run("bodies", "doubles")));
  }

  @Test
  void aDayThatSomethingHoldsStaysUntilTheNextSweep() throws Exception {
    long id = kit.enqueue(job(1)).get(0);
    age();
    SqlConnection other = await(pool().getConnection());
    Transaction open = await(other.begin());
    await(other.query("select from job_ready for update").execute());
    Retention.Swept swept = await(retention.sweep());
    assertEquals(List.of(table("job_body")), swept.left());
    assertEquals(1, number("select count(*) from job_body where id = $1", id));
    await(open.commit());
    await(other.close());
    assertEquals(List.of(table("job_body")), await(retention.sweep()).dropped());
    assertEquals(1, kit.claim(1).size());
  }

  @Test
  void aDropGivesUpRatherThanLetOthersWaitAndIsFinishedLater() throws Exception {
    SqlConnection other = await(pool().getConnection());
    Transaction open = await(other.begin());
    await(other.query("select count(*) from job_outcome").execute());
    assertTrue(await(retention.sweep()).left().contains(table("job_outcome")));
    kit.enqueue(job(1));
    kit.settle(done(kit.claim(1).get(0).key()));
    await(open.commit());
    await(other.close());
    assertEquals(List.of(table("job_outcome")), await(retention.sweep()).dropped());
    assertEquals(1, count("outcome"));
  }

  @Test
  void aKindIsKeptAsTheSettingsSayAndElseAsItWas() throws Exception {
    kit.enqueue(NewJob.of(1, "second", "{}"), NewJob.of(1, "third", "{}"));
    assertTrue(await(retention.keep("second", 3)));
    assertTrue(await(retention.keep("third", 4)));
    Map<String, Integer> days = new HashMap<>(Map.of(KIND, 30));
    days.put("second", null);
    await(new Retention(pool(), kept(7, 7, days)).keepKinds());
    assertEquals(30, number("select keep_days from job_kind where name = $1", KIND));
    assertEquals(
        1, number("select count(*) from job_kind where name = 'second' and keep_days is null"));
    assertEquals(4, number("select keep_days from job_kind where name = 'third'"));
  }

  @Test
  void whatAFollowerHasNotReadIsKeptForItWithinABound() throws Exception {
    kit.enqueue(job(1));
    kit.settle(done(kit.claim(1).get(0).key()));
    age();
    run("insert into change_cursor (name) values ('slow')");
    run("insert into change_cursor (name, xid) values ('fast', pg_current_xact_id())");
    Retention patient = new Retention(pool(), kept(7, 30, Map.of()));
    Retention.Swept swept = await(patient.sweep());
    assertTrue(swept.left().contains(table("job_outcome")), swept.toString());
    Retention.Unread unread = new Retention.Unread(table("job_outcome"), List.of("slow"), false);
    assertEquals(unread, swept.unread().get(0));
    assertEquals(1, count("outcome"));
    swept = await(retention.sweep());
    assertEquals(
        List.of(new Retention.Unread(table("job_outcome"), List.of("slow"), true)), swept.unread());
    assertEquals(0, count("outcome"));
  }

  @Test
  void whatAllFollowersHaveReadGoes() throws Exception {
    kit.enqueue(job(1));
    kit.settle(done(kit.claim(1).get(0).key()));
    age();
    run("insert into change_cursor (name, xid) values ('fast', pg_current_xact_id())");
    Retention.Swept swept = await(new Retention(pool(), kept(7, 30, Map.of())).sweep());
    assertTrue(swept.dropped().contains(table("job_outcome")), swept.toString());
    assertEquals(List.of(), swept.unread());
  }

  @Test
  void daysThatCannotBeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> kept(0, 7, Map.of()));
    assertThrows(IllegalArgumentException.class, () -> kept(7, 3_651, Map.of()));
    assertThrows(IllegalArgumentException.class, () -> kept(7, 7, Map.of(KIND, 0)));
  }

  private static RetentionSettings kept(int days, int unread, Map<String, Integer> kinds) {
    return new RetentionSettings(days, unread, Duration.ofHours(1), kinds);
  }

  @Test
  void aKindMayBeKeptForLongerOrForLess() throws Exception {
    kit.enqueue(job(1), NewJob.of(2, "short-lived", "{}"));
    kit.settle(done(kit.claim(1).get(0).key()));
    ClaimedJob brief =
        await(kit.jobs.claim(kit.worker, List.of(JobsTestKit.want("short-lived", 1)))).get(0);
    kit.settle(done(brief.key()));
    age();
    assertTrue(await(retention.keep(KIND, 30)));
    await(retention.sweep());
    assertTrue(there("job_outcome"));
    assertEquals(1, count("outcome"), "what is kept for less than its day is gone");
    assertEquals(1, count("body"));
  }
}
