package io.millrace.store;

import static io.millrace.store.JobsTestKit.buried;
import static io.millrace.store.JobsTestKit.count;
import static io.millrace.store.JobsTestKit.done;
import static io.millrace.store.JobsTestKit.job;
import static io.millrace.store.JobsTestKit.later;
import static io.millrace.store.JobsTestKit.state;
import static io.millrace.store.JobsTestKit.want;
import static io.millrace.store.StoreTestKit.PARTITIONS;
import static io.millrace.store.StoreTestKit.VERTX;
import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.database;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.one;
import static io.millrace.store.StoreTestKit.pool;
import static io.millrace.store.StoreTestKit.rows;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Hot tables that are divided by user behave like undivided ones, though rows of several partitions
 * stand at the same spots.
 */
@Tag("partitions")
@Timeout(120)
class PartitionsTest {
  private static final List<String> HOT = List.of("job_ready", "job_running", "job_scheduled");

  private JobsTestKit kit;

  @BeforeEach
  void empty() throws Exception {
    kit = new JobsTestKit();
  }

  @Test
  void theHotTablesHaveThePartitionsThatAreConfigured() throws Exception {
    for (String table : HOT) {
      assertEquals(
          PARTITIONS == 1 ? 0 : PARTITIONS,
          number("select count(*) from pg_inherits where inhparent = $1::text::regclass", table));
    }
    // What is defined of a table holds in each of its partitions.
    assertEquals(
        List.of(1L, 1L, 1L),
        rows(
                """
            select count(distinct (n, reloptions))
              from (select substring(c.relname from 'job_[a-z]+') as hot, c.reloptions,
                           (select count(*) from pg_index i where i.indrelid = c.oid) as n
                      from pg_class c
                     where relkind = 'r' and relname ~ '^job_(ready|running|scheduled)(_[0-9]+)?$') p
             group by hot""")
            .stream()
            .map(r -> r.getLong(0))
            .toList());
    assertEquals(
        2L * PARTITIONS,
        number(
            "select count(*) from pg_class where relkind = 'r' and relname ~ '^job_(ready|running)'"
                + " and 'autovacuum_vacuum_scale_factor=0.02' = any (reloptions)"));
  }

  @Test
  void aDatabaseKeepsTheNumberThatItWasMadeWith() {
    String uri = "postgresql://millrace@127.0.0.1:" + database().embeddedPort() + "/postgres";
    DatabaseSettings other =
        new DatabaseSettings(uri, database().embeddedPassword(), null, 4).withHashPartitions(3);
    DatabaseException refused =
        assertThrows(DatabaseException.class, () -> await(Database.open(VERTX, other)));
    assertEquals(
        "The database at 127.0.0.1:%d was made with database.hashPartitions = %d, which cannot change later: set it to %2$d instead of 3, or begin with an empty database."
            .formatted(database().embeddedPort(), PARTITIONS),
        refused.getMessage());
  }

  @Test
  void whatStandsAtTheSameSpotOfAnotherPartitionIsLeftAlone() throws Exception {
    Map<Long, String> expected = new HashMap<>();
    List<Long> ids = enqueue(80);
    ids.forEach(id -> expected.put(id, "ready"));
    collide("job_ready");

    List<ClaimedJob> claimed = new ArrayList<>();
    while (claimed.size() < 60) {
      List<ClaimedJob> some = kit.claim(7);
      claimed.addAll(some);
      some.forEach(c -> expected.put(c.key().id(), "running"));
      assertEquals(expected, states());
    }
    collide("job_running");
    String[] ends = {"completed", "dead", "scheduled", "ready", "mixed"};
    for (int i = 0; i < 50; i += 5) {
      List<Settlement> mixed = new ArrayList<>();
      for (int e = 0; e < ends.length; e++) {
        RunKey key = claimed.get(i + e).key();
        Settlement settlement =
            switch (ends[e]) {
              case "dead" -> buried(key);
              case "scheduled" -> later(key, 1);
              case "ready" -> later(key, 0);
              default -> done(key);
            };
        expected.put(key.id(), ends[e].equals("mixed") ? "completed" : ends[e]);
        // All of one sort go by themselves half of the time, and together the other half.
        if (i % 2 == 0) {
          assertEquals(1, kit.settle(settlement));
          assertEquals(expected, states());
        } else {
          mixed.add(settlement);
        }
      }
      assertEquals(mixed.size(), await(kit.jobs.endings().settle(mixed)));
      assertEquals(expected, states());
    }

    while (count("scheduled") > 0) {
      await(kit.jobs.promote(3));
      Map<Long, String> now = states();
      now.replaceAll((id, s) -> s.equals("scheduled") ? "ready" : s);
      expected.replaceAll((id, s) -> s.equals("scheduled") ? "ready" : s);
      assertEquals(expected, now);
    }
    await(kit.workers.stop(kit.worker));
    kit.rescue();
    expected.replaceAll((id, s) -> s.equals("running") ? "ready" : s);
    assertEquals(expected, states());
  }

  @Test
  void racersEndEachJobAsItShouldThoughSpotsCollide() throws Exception {
    List<Long> ids = enqueue(1_500);
    collide("job_ready");
    Set<Long> over = ConcurrentHashMap.newKeySet();
    List<Future<Void>> racers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Promise<Void> end = Promise.promise();
      racers.add(end.future());
      race(new Random(i), over, ids.size(), end);
    }
    await(Future.all(racers));
    assertEquals(0, count("ready") + count("running") + count("scheduled"));
    Map<Long, String> ends = new HashMap<>();
    rows("select id, state::text || ' ' || run as how from job_outcome"
            + " union all select id, 'dead ' || run from job_dead")
        .forEach(row -> ends.put(row.getLong(0), row.getString(1)));
    Map<Long, String> expected = new HashMap<>();
    String[] how = {"completed 1", "completed 2", "dead 1", "completed 2"};
    ids.forEach(id -> expected.put(id, how[(int) (id % 4)]));
    assertEquals(expected, ends);
  }

  /** By its id a job completes, first goes back at once, is dead, or first waits a moment. */
  private void race(Random random, Set<Long> over, int all, Promise<Void> end) {
    kit.jobs
        .promote(1 + random.nextInt(40))
        .compose(
            v ->
                kit.jobs.claim(kit.worker, List.of(want(JobsTestKit.KIND, 1 + random.nextInt(40)))))
        .compose(
            claimed -> {
              List<Settlement> settlements = new ArrayList<>();
              Set<Long> ended = new HashSet<>();
              for (ClaimedJob c : claimed) {
                int sort = (int) (c.key().id() % 4);
                if (sort % 2 == 1 && c.key().run() == 1) {
                  settlements.add(later(c.key(), sort / 2));
                } else {
                  settlements.add(sort == 2 ? buried(c.key()) : done(c.key()));
                  ended.add(c.key().id());
                }
              }
              return kit.jobs.endings().settle(settlements).map(n -> over.addAll(ended));
            })
        .onFailure(end::tryFail)
        .onSuccess(
            v -> {
              if (over.size() == all) {
                end.complete();
              } else {
                race(random, over, all, end);
              }
            });
  }

  @Test
  void aRunThatChangesWhileItIsSettledIsMetAsItIsThen() throws Exception {
    List<Long> ids = enqueue(24);
    List<ClaimedJob> claimed = kit.claim(24);
    assertEquals(24, claimed.size());
    List<Settlement> all = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      RunKey key = claimed.get(i).key();
      all.add(i % 3 == 0 ? done(key) : i % 3 == 1 ? later(key, 0) : buried(key));
    }
    for (List<Settlement> sort :
        List.of(
            all.stream().filter(Settlement.Finished.class::isInstance).toList(),
            all.stream().filter(Settlement.Postponed.class::isInstance).toList(),
            all.stream().filter(Settlement.Buried.class::isInstance).toList())) {
      SqlConnection other = await(pool().getConnection());
      await(other.query("begin").execute());
      long changed = sort.get(3).key().id();
      await(
          other
              .preparedQuery("update job_running set failures = 5 where id = $1")
              .execute(Tuple.of(changed)));
      Future<Integer> settled = kit.jobs.endings().settle(sort);
      while (number("select count(*) from pg_locks where not granted") == 0) {
        Thread.onSpinWait();
      }
      assertEquals("running", state(sort.get(0).key().id()));
      await(other.query("commit").execute());
      await(other.close());
      assertEquals(sort.size(), await(settled));
      assertEquals(
          sort.get(0) instanceof Settlement.Finished ? 5 : 6,
          one(Short.class, "select failures from job where id = $1", changed).intValue());
    }
    assertEquals(
        List.of(8L, 8L, 8L, 0L),
        List.of(count("outcome"), count("dead"), count("ready"), count("running")));
    assertEquals(24, new HashSet<>(ids).size());
  }

  /** Of as many users, so that every partition has its share. */
  private List<Long> enqueue(int n) throws Exception {
    return kit.enqueue(IntStream.range(0, n).mapToObj(i -> job(i)).toArray(NewJob[]::new));
  }

  /** Makes sure that spots of a table are used in several partitions, where there are several. */
  private static void collide(String table) throws Exception {
    long same =
        number(
            "select count(*) from (select from " + table + " group by ctid having count(*) > 1) s");
    assertEquals(PARTITIONS > 1, same > 5, () -> table + " has " + same + " spots in common");
  }

  private static Map<Long, String> states() throws Exception {
    Map<Long, String> states = new HashMap<>();
    for (Row row : rows("select id, state from job")) {
      String twice = states.put(row.getLong(0), row.getString(1));
      assertEquals(null, twice, "a job in two places");
    }
    return states;
  }
}
