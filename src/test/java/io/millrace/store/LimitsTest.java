package io.millrace.store;

import static io.millrace.store.JobsTestKit.count;
import static io.millrace.store.JobsTestKit.done;
import static io.millrace.store.JobsTestKit.want;
import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Limits hold over all claimers at every moment, and leave nothing behind. */
@Tag("partitions")
@Timeout(60)
class LimitsTest {
  private static int next;

  private JobsTestKit kit;
  private String kind;
  private String other;

  @BeforeEach
  void empty() throws Exception {
    kit = new JobsTestKit();
    next++;
    kind = "limits-" + next;
    other = "limits-" + next + "-other";
    await(new Kinds(pool()).ids(List.of(kind, other)));
  }

  private void set(String name, String what, Object value) throws Exception {
    StoreTestKit.run("update job_kind set " + what + " = $2 where name = $1", name, value);
  }

  private String queue(Integer most) throws Exception {
    String name = "queue-" + next;
    StoreTestKit.run("insert into job_queue (name, max_running) values ($1, $2)", name, most);
    return name;
  }

  private static void key(String key, int most) throws Exception {
    StoreTestKit.run("insert into job_limit (key, max_running) values ($1, $2)", key, most);
  }

  private static List<NewJob> jobs(int n, java.util.function.IntFunction<NewJob> job) {
    return IntStream.range(0, n).mapToObj(job).toList();
  }

  private List<ClaimedJob> claim(String name, int n) throws Exception {
    return await(kit.jobs.claimLimited(kit.worker, List.of(want(name, n)))).jobs();
  }

  private void finish(List<ClaimedJob> claimed) throws Exception {
    assertEquals(
        claimed.size(),
        kit.settle(claimed.stream().map(c -> done(c.key())).toArray(Settlement[]::new)));
  }

  private static void nothingIsLeft() throws Exception {
    assertEquals(0, count("aside") + count("ready") + count("running"));
  }

  @Test
  void noMoreOfAKindThanItsLimit() throws Exception {
    set(kind, "max_running", 5);
    Race race = new Race(kit, kind).atMost(5, "kind", Race.Run::kind);
    race.enqueue(jobs(400, i -> Race.job(kind, i % 7, null))).run(8, 4);
    assertEquals(5, race.peak("kind", kind), "and as many as it");
    nothingIsLeft();
  }

  @Test
  void noMoreOfAQueueThanItsLimitWhateverTheKinds() throws Exception {
    String queue = queue(6);
    set(kind, "queue", queue);
    set(other, "queue", queue);
    set(other, "max_running", 2);
    Race race =
        new Race(kit, kind, other)
            .atMost(6, "queue", r -> queue)
            .atMost(2, "other", r -> r.kind().equals(other) ? other : null);
    race.enqueue(jobs(400, i -> Race.job(i % 3 == 0 ? other : kind, i % 7, null))).run(8, 4);
    assertEquals(6, race.peak("queue", queue));
    nothingIsLeft();
  }

  @Test
  void noMoreOfAUserThanTheLimit() throws Exception {
    set(kind, "max_per_user", 2);
    Race race = new Race(kit, kind).atMost(2, "user", Race.Run::user);
    race.enqueue(jobs(500, i -> Race.job(kind, i % 10 < 5 ? 1 : i % 10, null))).run(8, 6);
    assertEquals(2, race.peak("user", 1L));
    nothingIsLeft();
  }

  @Test
  void kindsOfAGroupDoNotRunTogetherForAUser() throws Exception {
    set(kind, "max_per_user", 1);
    set(kind, "user_group", "group-" + next);
    set(other, "user_group", "group-" + next);
    Race race = new Race(kit, kind, other).atMost(1, "user", Race.Run::user);
    race.enqueue(jobs(300, i -> Race.job(i % 2 == 0 ? other : kind, i % 5, null))).run(8, 6);
    nothingIsLeft();
  }

  @Test
  void noMoreOfAKeyThanItsLimitOverAllKinds() throws Exception {
    key("a-" + next, 1);
    key("b-" + next, 3);
    set(kind, "max_per_key", 2);
    Race race =
        new Race(kit, kind, other)
            .atMost(1, "a", r -> ("a-" + next).equals(r.key()) ? 1 : null)
            .atMost(3, "b", r -> ("b-" + next).equals(r.key()) ? 1 : null)
            .atMost(2, "c", r -> ("c-" + next).equals(r.key()) ? 1 : null);
    race.enqueue(
            jobs(
                400,
                i ->
                    Race.job(
                        i % 4 == 2 || i % 8 < 4 ? kind : other,
                        i % 5,
                        i % 4 == 3 ? null : "abc".charAt(i % 4) + "-" + next)))
        .run(8, 6);
    assertEquals(3, race.peak("b", 1));
    nothingIsLeft();
  }

  @Test
  void aLimitOfAKeyThatIsFarAwayIsMetInTheEnd() throws Exception {
    set(kind, "max_per_key", 150);
    String often = "often-" + next;
    await(
        kit.jobs.enqueue(
            pool(), jobs(600, i -> Race.job(kind, i, i % 3 == 0 ? "rare-" + i : often))));
    List<ClaimedJob> running = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 12; i++) {
        running.addAll(claim(kind, 25));
      }
      assertEquals(
          150,
          number(
              "select count(*) from job_running where limit_key = hashtextextended($1, 0)", often));
      finish(running.subList(0, 120));
      running.subList(0, 120).clear();
    }
    finish(running);
  }

  @Test
  void limitsOfAllSortsAtOnce() throws Exception {
    String queue = queue(9);
    set(kind, "queue", queue);
    set(other, "queue", queue);
    set(kind, "max_running", 7);
    set(kind, "max_per_user", 2);
    set(kind, "max_per_key", 1);
    set(other, "max_per_user", 3);
    Race race =
        new Race(kit, kind, other)
            .atMost(9, "queue", r -> 1)
            .atMost(7, "kind", r -> r.kind().equals(kind) ? 1 : null)
            .atMost(2, "user", r -> r.kind().equals(kind) ? r.user() : null)
            .atMost(1, "key", Race.Run::key);
    race.enqueue(
            jobs(
                600,
                i ->
                    i % 3 == 0
                        ? Race.job(other, i % 4, null)
                        : Race.job(kind, i % 4, "k" + i % 6 + "-" + next)))
        .run(8, 5);
    nothingIsLeft();
  }

  @Test
  void aHeadThatNobodyMayRunCostsFewClaims() throws Exception {
    set(kind, "max_per_user", 1);
    key("full-" + next, 0);
    List<NewJob> blocked = new ArrayList<>(jobs(10_000, i -> Race.job(kind, 1, null)));
    blocked.addAll(jobs(10_000, i -> Race.job(kind, 2 + i, "full-" + next)));
    await(kit.jobs.enqueue(pool(), blocked));
    long free = await(kit.jobs.enqueue(pool(), List.of(Race.job(kind, 99_999, null)))).get(0);
    // It came last of all, as far as ranks go.
    StoreTestKit.run("update job_ready set rank = 1000000000000 where id = $1", free);
    List<Long> claimed = new ArrayList<>();
    int claims = 0;
    while (!claimed.contains(free)) {
      assertTrue(++claims <= 6, "still not claimed");
      claim(kind, 1).forEach(c -> claimed.add(c.key().id()));
    }
    assertEquals(2, claimed.size(), "the first of the user and the free one");
    long seen = number("select n_tup_ins from pg_stat_user_tables where relname = 'job_aside'");
    for (int i = 0; i < 5; i++) {
      assertEquals(List.of(), claim(kind, 100));
    }
    StoreTestKit.run("select pg_stat_force_next_flush()");
    assertEquals(
        seen,
        number("select n_tup_ins from pg_stat_user_tables where relname = 'job_aside'"),
        "none of them is met again");
  }

  @Test
  void aBlockedKindCostsTheOthersNothing() throws Exception {
    set(kind, "max_running", 0);
    await(kit.jobs.enqueue(pool(), jobs(10_000, i -> Race.job(kind, i, null))));
    long free = await(kit.jobs.enqueue(pool(), List.of(Race.job(other, 1, null)))).get(0);
    assertEquals(List.of(), claim(kind, 10));
    List<ClaimedJob> claimed =
        await(kit.jobs.claim(kit.worker, List.of(want(kind, 5), want(other, 5))));
    assertEquals(List.of(free), claimed.stream().map(c -> c.key().id()).toList());
    set(kind, "max_running", 3);
    assertEquals(3, claim(kind, 10).size());
  }

  @Test
  void aLimitThatIsSetWhileJobsRunCountsThemToo() throws Exception {
    await(kit.jobs.enqueue(pool(), jobs(10, i -> Race.job(kind, 1, null))));
    List<ClaimedJob> before = await(kit.jobs.claim(kit.worker, List.of(want(kind, 4))));
    assertEquals(4, before.size());
    set(kind, "max_per_user", 3);
    assertEquals(List.of(), await(kit.jobs.claim(kit.worker, List.of(want(kind, 4)))));
    assertEquals(List.of(), claim(kind, 4));
    assertTrue(count("aside") > 0);
    finish(before.subList(0, 2));
    List<ClaimedJob> third = claim(kind, 4);
    assertEquals(1, third.size());
    set(kind, "max_per_user", 5);
    List<ClaimedJob> more = claim(kind, 4);
    assertEquals(2, more.size(), "raised: those aside come back at once");
    set(kind, "max_per_user", null);
    List<ClaimedJob> rest = await(kit.jobs.claim(kit.worker, List.of(want(kind, 10))));
    assertEquals(3, rest.size(), "lifted");
    finish(before.subList(2, 4));
    finish(third);
    finish(more);
    finish(rest);
    nothingIsLeft();
  }

  @Test
  void theLimitOfAKeyMayComeChangeAndGo() throws Exception {
    String key = "k-" + next;
    await(kit.jobs.enqueue(pool(), jobs(10, i -> Race.job(kind, i, key))));
    List<ClaimedJob> first = claim(kind, 3);
    assertEquals(3, first.size(), "a key without a limit");
    key(key, 4);
    List<ClaimedJob> second = claim(kind, 3);
    assertEquals(1, second.size(), "those that ran already count");
    StoreTestKit.run("update job_limit set max_running = 0 where key = $1", key);
    finish(first);
    assertEquals(List.of(), claim(kind, 3));
    StoreTestKit.run("delete from job_limit where key = $1", key);
    List<ClaimedJob> rest = claim(kind, 10);
    assertEquals(6, rest.size());
    finish(second);
    finish(rest);
    nothingIsLeft();
  }

  @Test
  void aPausedKindAndAPausedQueueRestUntilResumed() throws Exception {
    String queue = queue(null);
    set(kind, "queue", queue);
    set(kind, "max_per_user", 1);
    set(other, "queue", queue);
    await(kit.jobs.enqueue(pool(), jobs(4, i -> Race.job(kind, 1, null))));
    await(kit.jobs.enqueue(pool(), jobs(4, i -> Race.job(other, 1, null))));
    List<ClaimedJob> running = claim(kind, 4);
    assertEquals(1, running.size());
    set(kind, "paused", true);
    finish(running);
    assertEquals(List.of(), claim(kind, 4));
    set(kind, "paused", false);
    List<ClaimedJob> resumed = claim(kind, 4);
    assertEquals(1, resumed.size(), "what stood aside goes on");
    StoreTestKit.run("update job_queue set paused = true where name = $1", queue);
    finish(resumed);
    assertEquals(List.of(), claim(kind, 4));
    assertEquals(List.of(), await(kit.jobs.claim(kit.worker, List.of(want(other, 4)))));
    StoreTestKit.run("update job_queue set paused = false where name = $1", queue);
    assertEquals(1, claim(kind, 4).size());
    assertEquals(4, await(kit.jobs.claim(kit.worker, List.of(want(other, 4)))).size());
  }

  @Test
  void whoIsLetThroughAndCancelledLetsTheNextThrough() throws Exception {
    set(kind, "max_per_user", 1);
    List<Long> ids = await(kit.jobs.enqueue(pool(), jobs(3, i -> Race.job(kind, 1, null))));
    List<ClaimedJob> first = claim(kind, 3);
    finish(first);
    assertEquals(1, count("aside"), "the second is ready, the third aside");
    assertTrue(StoreTestKit.one(Boolean.class, "select end_unstarted(1, $1, 'test')", ids.get(1)));
    assertEquals(ids.get(2), claim(kind, 1).get(0).key().id());
  }

  @Test
  void whatIsRescuedOrPostponedFreesItsPlace() throws Exception {
    set(kind, "max_per_user", 1);
    await(kit.jobs.enqueue(pool(), jobs(3, i -> Race.job(kind, 1, null))));
    int lost = await(kit.workers.register("there", 2, 60_000, false));
    await(kit.jobs.claimLimited(lost, List.of(want(kind, 3))));
    await(kit.workers.stop(lost));
    assertEquals(1, kit.rescue().count());
    List<ClaimedJob> next = claim(kind, 3);
    assertEquals(1, next.size());
    kit.settle(JobsTestKit.later(next.get(0).key(), 60_000));
    List<ClaimedJob> after = claim(kind, 3);
    assertEquals(1, after.size());
    assertFalse(after.get(0).key().id() == next.get(0).key().id());
  }

  @Test
  void limitsMayChangeInTheMidstOfTheRace() throws Exception {
    set(kind, "max_running", 8);
    set(kind, "max_per_user", 3);
    Race race =
        new Race(kit, kind).atMost(8, "kind", Race.Run::kind).atMost(3, "user", Race.Run::user);
    race.enqueue(jobs(800, i -> Race.job(kind, i % 6, null)));
    Future<?> changes = Future.succeededFuture();
    for (int i = 0; i < 40; i++) {
      int most = 1 + i % 3;
      changes =
          changes.compose(
              v ->
                  pool()
                      .preparedQuery(
                          "update job_kind set max_per_user = $2, max_running = $3 where name = $1")
                      .execute(io.vertx.sqlclient.Tuple.of(kind, most, 2 + 2 * most)));
    }
    Future<?> changed = changes;
    race.run(6, 5);
    await(changed);
    nothingIsLeft();
  }
}
