package io.millrace.store;

import static io.millrace.store.JobsTestKit.KIND;
import static io.millrace.store.JobsTestKit.buried;
import static io.millrace.store.JobsTestKit.done;
import static io.millrace.store.JobsTestKit.job;
import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.pool;
import static io.millrace.store.StoreTestKit.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The stream of changes, whoever commits late, and what is counted from it. */
@Timeout(60)
class ChangesTest {
  private JobsTestKit kit;
  private Changes changes;

  @BeforeEach
  void empty() throws Exception {
    kit = new JobsTestKit();
    run("truncate change_cursor");
    run("truncate job_tally");
    changes = new Changes(kit.jobs.kinds());
  }

  private List<Change> take(String follower, int most) throws Exception {
    return await(pool().withTransaction(c -> changes.take(c, follower, most)));
  }

  /** Other tests' transactions in the same database may hold the stream back for a moment. */
  private List<Long> takeUntil(String follower, int count) throws Exception {
    List<Long> read = new ArrayList<>();
    long end = System.nanoTime() + 20_000_000_000L;
    while (read.size() < count) {
      assertTrue(System.nanoTime() < end, "only " + read.size() + " of " + count + " are shown");
      take(follower, 7).forEach(c -> read.add(c.id()));
    }
    return read;
  }

  @Test
  void eachFollowerSeesEachEndOnceInPages() throws Exception {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ids.addAll(kit.enqueue(job(i)));
    }
    for (ClaimedJob c : kit.claim(20)) {
      kit.settle(c.key().user() % 4 == 0 ? buried(c.key()) : done(c.key()));
    }
    List<Long> read = takeUntil("one", 20);
    assertEquals(20, read.size());
    assertEquals(Set.copyOf(ids), new HashSet<>(read));
    assertEquals(0, take("one", 100).size());
    List<Long> other = takeUntil("two", 20);
    assertEquals(read, other);
    assertThrows(IllegalArgumentException.class, () -> take("", 1));
  }

  @Test
  void aFollowerThatRollsBackSeesThePageAgain() throws Exception {
    kit.enqueue(job(1));
    kit.settle(done(kit.claim(1).get(0).key()));
    List<Long> read = takeUntil("first", 1);
    assertThrows(
        IllegalStateException.class,
        () ->
            await(
                pool()
                    .withTransaction(
                        c ->
                            changes
                                .take(c, "second", 10)
                                .compose(
                                    page ->
                                        Future.failedFuture(
                                            new IllegalStateException("its work failed"))))));
    assertEquals(read, takeUntil("second", 1));
  }

  @Test
  void whatCommitsLateIsNotSkipped() throws Exception {
    kit.enqueue(job(1), job(2), job(3));
    List<ClaimedJob> claimed = kit.claim(3);
    kit.settle(done(claimed.get(0).key()));
    takeUntil("reader", 1);
    SqlConnection slow = await(pool().getConnection());
    Transaction open = await(slow.begin());
    await(kit.jobs.endings().settle(slow, List.of(done(claimed.get(1).key()))));
    kit.settle(done(claimed.get(2).key()));
    assertEquals(0, take("reader", 10).size(), "the later end waits for the earlier transaction");
    await(open.commit());
    await(slow.close());
    assertEquals(
        List.of(claimed.get(1).key().id(), claimed.get(2).key().id()), takeUntil("reader", 2));
  }

  @Test
  void theTalliesCountEachEndOnceWhoeverFolds() throws Exception {
    for (int i = 0; i < 50; i++) {
      kit.enqueue(job(i));
    }
    for (ClaimedJob c : kit.claim(50)) {
      kit.settle(c.key().user() < 5 ? buried(c.key()) : done(c.key()));
    }
    takeUntil("beside", 50);
    Tallies tallies = new Tallies(pool());
    List<Future<Integer>> hands = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      hands.add(tallies.fold(4));
    }
    await(Future.all(hands));
    assertEquals(50, hands.stream().mapToInt(Future::result).sum());
    LocalDate today =
        StoreTestKit.one(LocalDate.class, "select (clock() at time zone 'UTC')::date");
    List<Tallies.Tally> read = await(tallies.since(today.minusDays(1)));
    assertEquals(45, sum(read, "completed"));
    assertEquals(5, sum(read, "dead"));
    assertEquals(45, read.stream().mapToLong(Tallies.Tally::ran).sum());
    assertEquals(KIND, read.get(0).kind());
  }

  private static long sum(List<Tallies.Tally> tallies, String state) {
    return tallies.stream()
        .filter(t -> t.state().equals(state))
        .mapToLong(Tallies.Tally::jobs)
        .sum();
  }

  @Test
  void aPageIsReadFromTheIndexesHoweverLongTheHistoryIs() throws Exception {
    run(
        """
        insert into job_outcome (user_id, id, xid, finished_at, day, body_day, run, state, kind, failures)
        select 1, -i, '3', clock(), (clock() at time zone 'UTC')::date, current_date, 1, 'completed', 1, 0
          from generate_series(1, 100000) i""");
    run("analyze job_outcome");
    String body =
        StoreTestKit.one(String.class, "select prosrc from pg_proc where proname = 'changes'")
            .replace("after_xid", "'5'::xid8")
            .replace("after_id", "0::bigint")
            .replace("most", "100");
    // What the function does, under its settings, since EXPLAIN does not look into one.
    String plan =
        await(
            pool()
                .withTransaction(
                    c ->
                        c.query("set local enable_sort = off")
                            .execute()
                            .compose(v -> c.query("set local enable_seqscan = off").execute())
                            .compose(v -> c.query("set local enable_bitmapscan = off").execute())
                            .compose(v -> c.query("explain " + body).execute())
                            .map(ChangesTest::text)));
    assertTrue(plan.contains("Index Scan using job_outcome_"), plan);
    assertTrue(plan.contains("Index Scan using job_dead_stream"), plan);
    assertFalse(plan.contains("Seq Scan"), plan);
    assertFalse(plan.contains("->  Sort"), plan);
    run("truncate job_outcome");
  }

  private static String text(RowSet<Row> rows) {
    StringBuilder text = new StringBuilder();
    rows.forEach(row -> text.append(row.getString(0)).append('\n'));
    return text.toString();
  }
}
