package io.millrace.store;

import static io.millrace.store.JobsTestKit.KIND;
import static io.millrace.store.JobsTestKit.buried;
import static io.millrace.store.JobsTestKit.count;
import static io.millrace.store.JobsTestKit.done;
import static io.millrace.store.JobsTestKit.job;
import static io.millrace.store.JobsTestKit.later;
import static io.millrace.store.JobsTestKit.state;
import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.JobOptions.OnDead;
import io.millrace.store.JobOptions.OnDuplicate;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs start when those that they wait for have finished, and not before. */
@Timeout(120)
class ParentsTest {
  private JobsTestKit kit;

  @BeforeEach
  void empty() throws Exception {
    kit = new JobsTestKit();
  }

  static NewJob after(OnDead onDead, Long... parents) {
    return job(1).with(JobOptions.NONE.after(List.of(parents), onDead));
  }

  static NewJob inCall(OnDead onDead, Integer... places) {
    return job(1).with(JobOptions.NONE.afterIndex(List.of(places), onDead));
  }

  private long add(NewJob job) throws Exception {
    return kit.enqueue(job).get(0);
  }

  private RunKey run(long id) throws Exception {
    List<ClaimedJob> claimed = kit.claim(1);
    assertEquals(id, claimed.get(0).key().id());
    return claimed.get(0).key();
  }

  private Settlement finished(RunKey key, String how) {
    return switch (how) {
      case "dead" -> buried(key);
      default -> new Settlement.Finished(key, how, null);
    };
  }

  @Test
  void aChildStartsWhenTheLastOfItsParentsHasFinished() throws Exception {
    List<Long> parents = kit.enqueue(job(1), job(2), job(3));
    long child = add(after(OnDead.HOLD, parents.toArray(Long[]::new)));
    List<ClaimedJob> claimed = kit.claim(10);
    assertEquals(3, claimed.size());
    assertEquals("waiting", state(child));
    kit.settle(done(claimed.get(0).key()));
    kit.settle(finished(claimed.get(1).key(), "skipped"));
    assertEquals("waiting", state(child));
    assertEquals(0, kit.claim(10).size());
    kit.settle(done(claimed.get(2).key()));
    assertEquals("ready", state(child));
    assertEquals(child, kit.claim(10).get(0).key().id());
    assertEquals(0, count("edge") + count("waiting"));
  }

  @ParameterizedTest
  @CsvSource({
    "dead,hold,waiting",
    "dead,proceed,ready",
    "dead,cancel,cancelled",
    "cancelled,hold,cancelled",
    "cancelled,proceed,ready",
    "cancelled,cancel,cancelled",
    "skipped,cancel,ready",
    "completed,cancel,ready"
  })
  void theEdgeSaysWhatAFailedParentMeansBeforeAndAfterItFailed(
      String how, String choice, String then) throws Exception {
    OnDead onDead = OnDead.valueOf(choice.toUpperCase(java.util.Locale.ROOT));
    long parent = add(job(1));
    long early = add(after(onDead, parent).once("early"));
    kit.settle(finished(run(parent), how));
    long late = add(after(onDead, parent).once("late"));
    assertEquals(then, state(early));
    assertEquals(then, state(late));
    assertEquals(then.equals("waiting") ? 2 : 0, count("edge"));
    assertEquals(then.equals("cancelled") ? 0 : 2, count("dedup"), "its key is free again");
    if (then.equals("cancelled")) {
      String note = one(String.class, "select note from job_outcome where id = $1", early);
      assertTrue(note.startsWith("job " + parent + ", which it waited for, "), note);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ready", "running", "scheduled", "waiting", "aside", "dead"})
  void aParentIsFoundInEveryState(String place) throws Exception {
    long parent =
        add(place.equals("scheduled") ? job(1).at(Instant.now().plusSeconds(60)) : job(1));
    if (place.equals("running") || place.equals("dead")) {
      RunKey key = run(parent);
      if (place.equals("dead")) {
        kit.settle(buried(key));
      }
    } else if (place.equals("waiting")) {
      parent = add(after(OnDead.HOLD, parent));
    } else if (place.equals("aside")) {
      StoreTestKit.run(
          """
          with r as (delete from job_ready returning *)
          insert into job_aside (user_id, id, rank, ready_at, gate, day, run, kind, priority, failures, ties)
          select user_id, id, rank, ready_at, 1, day, run, kind, priority, failures, ties from r""");
    }
    assertEquals(1, number("select count(*) from job_" + place + " where id = $1", parent));
    add(after(OnDead.HOLD, parent));
    assertEquals(
        place.equals("dead") ? 0 : 4,
        number("select ties::bigint from job_" + place + " where id = $1", parent));
    add(after(OnDead.HOLD, parent));
    assertEquals(2, number("select count(*) from job_edge where parent = $1", parent));
  }

  @Test
  void theTieGoesWithTheParentThroughAllItsMoves() throws Exception {
    long parent = add(job(1).at(Instant.now().plusSeconds(60)));
    long child = add(after(OnDead.HOLD, parent));
    StoreTestKit.run("update job_scheduled set run_at = clock()");
    await(kit.jobs.promote(10));
    kit.settle(later(run(parent), 60_000));
    StoreTestKit.run("update job_scheduled set run_at = clock()");
    await(kit.jobs.promote(10));
    kit.settle(new Settlement.Postponed(run(parent), 0, "slice", false));
    int lost = await(kit.workers.register("there", 2, 60_000, false));
    StoreTestKit.run("update job_ready set failures = 0");
    kit.claim(lost, 1);
    await(kit.workers.stop(lost));
    assertEquals(1, kit.rescue().count());
    kit.settle(done(run(parent)));
    assertEquals("ready", state(child));
  }

  @Test
  void aParentLostAtItsLastAttemptIsDeadToItsChildren() throws Exception {
    long parent = add(job(1));
    long child = add(after(OnDead.CANCEL, parent));
    int lost = await(kit.workers.register("there", 2, 60_000, false));
    kit.claim(lost, 1);
    StoreTestKit.run("update job_running set failures = 1");
    await(kit.workers.stop(lost));
    assertEquals(1, kit.rescue().dead());
    assertEquals("cancelled", state(child));
  }

  @Test
  void aParentThatNeverWasIsNamed() throws Exception {
    long known = add(job(1));
    Exception e =
        assertThrows(Exception.class, () -> add(after(OnDead.HOLD, known, known + 1_000_000)));
    assertTrue(
        e.getMessage().contains("there is no job " + (known + 1_000_000) + " to wait for"),
        e.getMessage());
    assertEquals(1, count("body"));
  }

  @Test
  void aChildThatIsNotDueIsScheduledWhenItIsReleased() throws Exception {
    long parent = add(job(1));
    long child = add(after(OnDead.HOLD, parent).at(Instant.now().plusSeconds(60)));
    kit.settle(done(run(parent)));
    assertEquals("scheduled", state(child));
    assertEquals("delay", one(String.class, "select why from job_scheduled where id = $1", child));
  }

  @Test
  void aWholeGraphGoesInOneCallAndRunsInItsOrder() throws Exception {
    List<Long> ids =
        kit.enqueue(
            inCall(OnDead.HOLD, 1, 2),
            inCall(OnDead.HOLD, 3),
            inCall(OnDead.HOLD, 3),
            job(1),
            inCall(OnDead.HOLD, 0, 3).with(JobOptions.NONE.afterIndex(List.of(0, 3), OnDead.HOLD)));
    List<Long> ran = new ArrayList<>();
    for (List<ClaimedJob> c = kit.claim(10); !c.isEmpty(); c = kit.claim(10)) {
      for (ClaimedJob one : c) {
        ran.add(one.key().id());
        kit.settle(done(one.key()));
      }
    }
    assertEquals(List.of(ids.get(3), ids.get(1), ids.get(2), ids.get(0), ids.get(4)), ran);
    assertEquals(
        "[" + ids.get(1) + ", " + ids.get(2) + "]",
        one(
            String.class,
            "select (options -> 'parents')::text from job_body where id = $1",
            ids.get(0)));
  }

  @Test
  void aGraphWithACircleIsRefusedWhole() throws Exception {
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> kit.enqueue(job(1), inCall(OnDead.HOLD, 2), inCall(OnDead.HOLD, 1)));
    assertTrue(e.getMessage().contains("1 → 2 → 1"), e.getMessage());
    assertEquals(0, count("body"));
  }

  @Test
  void whoeverHoldsTheKeyOfAParentIsTheParent() throws Exception {
    long holder = add(job(1).once("k"));
    List<Long> ids = kit.enqueue(job(1).once("k"), inCall(OnDead.HOLD, 0));
    assertEquals(null, ids.get(0));
    assertEquals("waiting", state(ids.get(1)));
    kit.settle(done(run(holder)));
    assertEquals("ready", state(ids.get(1)));
  }

  @Test
  void theChildrenOfAReplacedJobAreCancelled() throws Exception {
    long old = add(job(1).once("k"));
    long child = add(after(OnDead.HOLD, old));
    long grandchild = add(after(OnDead.HOLD, child));
    NewJob replacing =
        job(1)
            .once("k")
            .with(JobOptions.NONE.onDuplicate(OnDuplicate.REPLACE).window(Duration.ZERO));
    long next = add(replacing);
    await(kit.jobs.endings().cascade());
    assertEquals(
        List.of("cancelled", "cancelled", "cancelled", "ready"),
        List.of(state(old), state(child), state(grandchild), state(next)));
  }

  @Test
  void aRedrivenParentTakesItsChildrenAlong() throws Exception {
    long old = add(job(1));
    long child = add(after(OnDead.HOLD, old));
    kit.settle(buried(run(old)));
    assertEquals("waiting", state(child));
    long next =
        await(
            pool()
                .withTransaction(
                    c ->
                        kit.jobs
                            .enqueue(c, List.of(job(1)))
                            .map(ids -> ids.get(0))
                            .compose(
                                id ->
                                    c.preparedQuery("select repoint_children(1, $1, $2)")
                                        .execute(Tuple.of(old, id))
                                        .compose(
                                            v ->
                                                c.preparedQuery(
                                                        "update job_dead set redriven_at = clock(), redriven_as = $2 where id = $1")
                                                    .execute(Tuple.of(old, id)))
                                        .map(id))));
    long late = add(after(OnDead.HOLD, old));
    assertEquals("waiting", state(late), "it waits for the successor");
    kit.settle(done(run(next)));
    assertEquals("ready", state(child));
    assertEquals("ready", state(late));
    assertEquals("ready", state(add(after(OnDead.HOLD, old))), "the successor is done");
  }

  @Test
  void whatADeadJobHeldIsCancelledWhenItIsPurged() throws Exception {
    long old = add(job(1));
    long child = add(after(OnDead.HOLD, old));
    kit.settle(buried(run(old)));
    StoreTestKit.run("select abandon_children(array[1]::bigint[], array[$1]::bigint[])", old);
    StoreTestKit.run("delete from job_dead where id = $1", old);
    await(kit.jobs.endings().cascade());
    assertEquals("cancelled", state(child));
  }

  @Test
  void fiveHundredDependantsAreCancelledInTheSameTransaction() throws Exception {
    long parent = add(job(1));
    kit.enqueue(
        IntStream.range(0, 500).mapToObj(i -> after(OnDead.CANCEL, parent)).toArray(NewJob[]::new));
    RunKey key = run(parent);
    await(pool().withTransaction(c -> kit.jobs.endings().settle(c, List.of(buried(key)))));
    assertEquals(500, number("select count(*) from job_outcome where state = 'cancelled'"));
  }

  @Test
  void moreChildrenThanOneTransactionTakesAreReleasedByTheNextOnes() throws Exception {
    long parent = add(job(1));
    kit.enqueue(
        IntStream.range(0, 3_500).mapToObj(i -> after(OnDead.HOLD, parent)).toArray(NewJob[]::new));
    RunKey key = run(parent);
    await(pool().withTransaction(c -> kit.jobs.endings().settle(c, List.of(done(key)))));
    assertEquals(1_000, count("ready"));
    assertEquals(1, count("cascade"));
    kit.rescue();
    assertEquals(3_500, count("ready"));
    assertEquals(0, count("cascade") + count("edge"));
  }

  @Test
  void aChainOfTenThousandIsCancelledToItsEnd() throws Exception {
    int n = 10_000;
    NewJob[] chain = new NewJob[n];
    for (int i = 0; i < n; i++) {
      chain[i] = i == 0 ? job(1) : inCall(OnDead.CANCEL, i - 1);
    }
    List<Long> ids = kit.enqueue(chain);
    kit.settle(buried(run(ids.get(0))));
    for (int sweep = 0; sweep < 20 && count("cascade") > 0; sweep++) {
      await(kit.jobs.endings().cascade());
    }
    assertEquals(n - 1, number("select count(*) from job_outcome where state = 'cancelled'"));
    assertEquals(0, count("waiting") + count("edge") + count("cascade"));
  }

  @Test
  void aKindThatTheChildNamesIsKept() throws Exception {
    long parent = add(job(1));
    long child =
        add(
            NewJob.of(2, KIND, "{\"a\":1}")
                .priority(3)
                .with(JobOptions.NONE.after(List.of(parent), OnDead.HOLD)));
    kit.settle(done(run(parent)));
    ClaimedJob claimed = kit.claim(1).get(0);
    assertEquals(child, claimed.key().id());
    assertEquals(2, claimed.key().user());
    assertEquals("{\"a\": 1}", claimed.payload());
  }

  @ParameterizedTest
  @ValueSource(strings = {"completed", "dead", "postponed"})
  void aChildThatIsAddedWhileItsParentEndsIsSeen(String how) throws Exception {
    long parent = add(job(1));
    RunKey key = run(parent);
    SqlConnection adding = await(pool().getConnection());
    await(adding.query("begin").execute());
    long child = await(kit.jobs.enqueue(adding, List.of(after(OnDead.PROCEED, parent)))).get(0);
    Future<Integer> ending =
        kit.jobs
            .endings()
            .settle(
                List.of(
                    how.equals("postponed")
                        ? new Settlement.Postponed(key, 0, "slice", false)
                        : finished(key, how)));
    while (number("select count(*) from pg_stat_activity where wait_event_type = 'Lock'") == 0) {
      await(StoreTestKit.VERTX.timer(5, TimeUnit.MILLISECONDS));
    }
    await(adding.query("commit").execute());
    await(adding.close());
    assertEquals(1, await(ending));
    if (how.equals("postponed")) {
      kit.settle(done(run(parent)));
    }
    assertEquals("ready", state(child));
  }

  @Test
  void whateverTheStatisticsSayTheWayGoesByIndex() throws Exception {
    StoreTestKit.run(
        """
        insert into job_waiting (user_id, id, day, unfinished, kind, priority, ties)
        select 9, -i, current_date, 1, 1, 0, 0 from generate_series(1, 50000) i""");
    StoreTestKit.run(
        """
        insert into job_edge (parent_user, parent, child_user, child, on_dead)
        select 9, -i / 7, 9, -i, 'hold' from generate_series(1, 50000) i""");
    List<String> tables =
        List.of("job_waiting", "job_edge", "job_running", "job_ready", "job_dead");
    SqlConnection c = await(pool().getConnection());
    long before = seqScans(c, tables);
    for (int i = 0; i < 8; i++) {
      List<Long> ids =
          await(kit.jobs.enqueue(c, List.of(job(1), job(1), inCall(OnDead.CANCEL, 0))));
      await(kit.jobs.enqueue(c, List.of(after(OnDead.PROCEED, ids.toArray(Long[]::new)))));
      List<Settlement> all =
          kit.claim(10).stream()
              .map(one -> one.key().id() == ids.get(0) ? buried(one.key()) : done(one.key()))
              .toList();
      await(kit.jobs.endings().settle(c, all));
      await(c.query("select cascade(500)").execute());
    }
    assertEquals(before, seqScans(c, tables));
    await(c.close());
    assertEquals(50_000, count("waiting"));
  }

  private static long seqScans(SqlConnection c, List<String> tables) throws Exception {
    await(c.query("select pg_stat_force_next_flush()").execute());
    return await(
            c.preparedQuery(
                    "select sum(seq_scan)::bigint from pg_stat_user_tables where schemaname = 'millrace' and relname = any($1)")
                .execute(Tuple.tuple().addValue(tables.toArray(String[]::new))))
        .iterator()
        .next()
        .getLong(0);
  }
}
