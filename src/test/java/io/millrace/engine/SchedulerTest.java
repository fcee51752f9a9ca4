package io.millrace.engine;

import static io.millrace.engine.SchedulerTestKit.KIND;
import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.Misfire;
import io.millrace.store.Schedule;
import io.millrace.store.Schedules;
import io.millrace.store.StoreTestKit;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Schedules on a real database, under several schedulers, crashes and clocks. */
@Timeout(60)
class SchedulerTest {
  private SchedulerTestKit kit;

  @BeforeEach
  void open() throws Exception {
    kit = new SchedulerTestKit();
  }

  @AfterEach
  void close() throws Exception {
    kit.close();
  }

  @Test
  void twoSchedulersRunEachDueTimeOnce() throws Exception {
    Schedule[] all =
        IntStream.range(0, 20)
            .mapToObj(i -> kit.every("s" + i, "PT1S", Misfire.ALL))
            .toArray(Schedule[]::new);
    kit.define(all);
    kit.start("10 minutes");
    kit.start("10 minutes");
    kit.until("600 runs are caught up and 3 more are run live", () -> kit.runs("s19").size() > 603);
    kit.stop();
    for (Schedule schedule : all) {
      List<Instant> runs = kit.runs(schedule.name());
      assertEquals(new HashSet<>(runs).size(), runs.size(), "none twice");
      Duration span = Duration.between(runs.get(0), runs.get(runs.size() - 1));
      assertEquals(span.toSeconds() + 1, runs.size(), "none missing");
      Schedules.State state = kit.state(schedule.name());
      assertEquals(runs.get(runs.size() - 1), state.lastAt());
      assertEquals(state.lastAt().plusSeconds(1), state.nextAt());
      assertNotNull(state.lastJob());
    }
  }

  @Test
  void deathBetweenEnqueueAndCommitLosesNothingAndDoublesNothing() throws Exception {
    // The commit waits for a lock that this test holds.
    StoreTestKit.run(
        """
        create function hold() returns trigger language plpgsql as $$
        begin perform pg_advisory_xact_lock_shared(4711); return null; end $$""");
    StoreTestKit.run(
        """
        create constraint trigger hold after update on schedule
        deferrable initially deferred for each row execute function hold()""");
    try {
      kit.define(kit.every("s", "PT1H", Misfire.ONCE));
      await(
          StoreTestKit.pool()
              .withTransaction(
                  c ->
                      c.query("select pg_advisory_xact_lock(4711)")
                          .execute()
                          .compose(v -> c.query("select 1").execute())
                          .compose(v -> killedAtCommit())));
    } finally {
      StoreTestKit.run("drop trigger hold on schedule");
      StoreTestKit.run("drop function hold");
    }
    kit.until("the run is enqueued", () -> kit.caughtUp("90 minutes"));
    kit.stop();
    assertEquals(1, kit.runs("s").size());
    assertEquals(1, number("select count(*) from job where user_id = $1", kit.user));
  }

  private io.vertx.core.Future<Void> killedAtCommit() {
    return kit.vertx.executeBlocking(
        () -> {
          String waiting =
              """
              select coalesce(max(pid), 0)::bigint from pg_locks l join pg_stat_activity a using (pid)
               where l.locktype = 'advisory' and not l.granted and a.application_name = 'scheduler'""";
          kit.start("90 minutes");
          kit.until("it is about to commit", () -> number(waiting) != 0);
          long pid = number(waiting);
          assertEquals(0, kit.runs("s").size());
          StoreTestKit.run("select pg_terminate_backend($1::bigint::int)", pid);
          String alive = "select count(*) from pg_stat_activity where pid = $1::bigint::int";
          kit.until("its connection is gone", () -> number(alive, pid) == 0);
          assertEquals(0, kit.runs("s").size(), "nothing without its commit");
          return null;
        });
  }

  @Test
  void missedRunsArePassedOverOrMadeUpForByPolicy() throws Exception {
    kit.define(
        kit.every("skip", "PT40M", Misfire.SKIP),
        kit.every("once", "PT40M", Misfire.ONCE),
        kit.every("all", "PT40M", Misfire.ALL),
        kit.every("recent", "PT3H", Misfire.SKIP));
    Instant anchor = kit.state("all").nextAt().minus(Duration.ofMinutes(40));
    kit.start("3 hours");
    kit.until("all are caught up", () -> kit.caughtUp("3 hours"));
    kit.stop();
    assertEquals(List.of(), kit.runs("skip"));
    assertEquals(List.of(anchor.plus(Duration.ofMinutes(40))), kit.runs("once"));
    assertEquals(
        IntStream.rangeClosed(1, 4)
            .mapToObj(i -> anchor.plus(Duration.ofMinutes(40L * i)))
            .toList(),
        kit.runs("all"));
    assertEquals(
        List.of(anchor.plus(Duration.ofHours(3))), kit.runs("recent"), "late, but not missed");
    for (String name : List.of("skip", "once", "all")) {
      assertEquals(anchor.plus(Duration.ofMinutes(200)), kit.state(name).nextAt(), name);
    }
  }

  @Test
  void makingUpHasABound() throws Exception {
    kit.define(kit.every("a", "PT1S", Misfire.ALL), kit.every("b", "PT1S", Misfire.ALL));
    kit.start("2 hours");
    kit.until("both are caught up", () -> kit.caughtUp("2 hours"));
    kit.stop();
    for (String name : List.of("a", "b")) {
      List<Instant> runs = kit.runs(name);
      Instant bound = runs.get(0).plusSeconds(DueRuns.MOST);
      assertEquals(
          DueRuns.MOST, runs.stream().filter(at -> at.isBefore(bound)).count(), "the oldest");
      assertTrue(runs.size() < DueRuns.MOST + 60, "and what was due since: " + runs.size());
    }
  }

  @Test
  void aPausedScheduleDoesNotRunAndComesBackWithoutABurst() throws Exception {
    kit.define(kit.every("s", "PT1S", Misfire.ONCE), kit.every("other", "PT1S", Misfire.ALL));
    assertTrue(await(kit.schedules.pause("s")));
    kit.start("1 hour");
    kit.until("another is run", () -> !kit.runs("other").isEmpty() && kit.caughtUp("1 hour"));
    assertEquals(List.of(), kit.runs("s"));
    kit.stop();
    // The configuration does not undo what an operator did.
    kit.poll = Duration.ofHours(1);
    kit.start("1 hour", kit.every("s", "PT1S", Misfire.ONCE));
    assertTrue(kit.state("s").schedule().paused());
    kit.stop();
    assertTrue(await(kit.schedules.resume("s")));
    kit.poll = Duration.ofMillis(100);
    kit.start("1 hour");
    kit.until("it is run", () -> kit.runs("s").size() > 1);
    kit.stop();
    List<Instant> runs = kit.runs("s");
    assertTrue(Duration.between(runs.get(0), runs.get(1)).toMinutes() >= 59, "one for the pause");
    assertTrue(runs.size() < 30, "then each as it is due: " + runs.size());
    assertFalse(await(kit.schedules.pause("nobody")));
  }

  @Test
  void onlyTheDatabasesClockCounts() throws Exception {
    // The database is an hour ahead of this process: as if this process were an hour late.
    kit.poll = Duration.ofMinutes(1);
    kit.start("1 hour", kit.every("s", "PT1S", Misfire.ALL));
    kit.until("three are run", () -> kit.runs("s").size() >= 3);
    kit.stop();
    List<Instant> runs = kit.runs("s");
    assertEquals(new HashSet<>(runs).size(), runs.size());
    assertTrue(runs.get(0).isAfter(Instant.now().plus(Duration.ofMinutes(59))));
    assertTrue(runs.size() < 60, "no hour was made up for");
  }

  @Test
  void aDueTimeIsNotDisturbedUntilSpecOrZoneChange() throws Exception {
    Schedule daily = cron("s", "0 6 * * *", "UTC");
    kit.define(daily, kit.every("e", "PT1H", Misfire.ONCE));
    StoreTestKit.run("update schedule set next_at = next_at - interval '1 day'");
    Schedules.State before = kit.state("s");
    kit.define(daily);
    assertEquals(before, kit.state("s"));
    Schedule other =
        new Schedule("s", kit.user, KIND, 5, "{\"n\": 1}", daily.spec(), "UTC", Misfire.ALL, false);
    kit.define(other);
    assertEquals(other, kit.state("s").schedule());
    assertEquals(before.nextAt(), kit.state("s").nextAt());
    kit.define(cron("s", "0 6 * * *", "Asia/Kolkata"));
    Instant next = kit.state("s").nextAt();
    assertTrue(next.isAfter(Instant.now()) && next.toString().endsWith("T00:30:00Z"), "" + next);
    assertTrue(await(kit.schedules.remove("s")));
    assertEquals(List.of("e"), names());
  }

  @Test
  void oneThatCannotBeRunIsSetAsideAndTheOthersRun() throws Exception {
    for (int i = 0; i < 120; i++) {
      kit.define(kit.every("bad" + i, "PT1S", Misfire.ONCE));
    }
    kit.define(kit.every("good", "PT2S", Misfire.ONCE));
    StoreTestKit.run("update schedule set spec = 'whenever' where name like 'bad%'");
    kit.start("1 minute");
    kit.until("the good one runs", () -> !kit.runs("good").isEmpty());
    kit.until("the bad ones are set aside", () -> kit.state("bad119").trouble() != null);
    kit.stop();
    Schedules.State bad = kit.state("bad0");
    assertNull(bad.nextAt());
    assertEquals(
        "must begin with cron: or every:, such as cron: 0 6 * * * or every: PT15M", bad.trouble());
    kit.define(kit.every("bad0", "PT1S", Misfire.ONCE));
    assertNull(kit.state("bad0").trouble());
    assertNotNull(kit.state("bad0").nextAt());
  }

  @Test
  void whatIsWrongIsRefusedInASentenceAndNothingIsDefined() throws Exception {
    assertEquals(
        "Schedule s: every: 15 in UTC: must be an interval of whole seconds from PT1S to P366D, such"
            + " as PT15M.",
        refusal(kit.every("s", "15", Misfire.ONCE)));
    assertEquals(
        "Schedule s: cron: 0 6 * * * in Mars/Olympus: no such time zone; one is Europe/Berlin.",
        refusal(cron("s", "0 6 * * *", "Mars/Olympus")));
    assertEquals(
        "Schedule s: kind = nonesuch: no such kind of job; there are scheduled_test.",
        refusal(Schedule.of("s", "nonesuch", "every: PT1H")));
    assertThrows(
        IllegalArgumentException.class, () -> Schedule.of("Not a name", KIND, "every: PT1H"));
    assertEquals(List.of(), names());
  }

  private String refusal(Schedule wrong) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> kit.define(kit.every("right", "PT1H", Misfire.ONCE), wrong))
        .getMessage();
  }

  private List<String> names() throws Exception {
    return await(kit.schedules.list("", 100)).stream().map(s -> s.schedule().name()).toList();
  }

  private Schedule cron(String name, String expression, String zone) {
    return new Schedule(
        name, kit.user, KIND, 0, "{}", "cron: " + expression, zone, Misfire.ONCE, false);
  }
}
