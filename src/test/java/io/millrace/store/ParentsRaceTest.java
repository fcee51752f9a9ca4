package io.millrace.store;

import static io.millrace.store.JobsTestKit.buried;
import static io.millrace.store.JobsTestKit.count;
import static io.millrace.store.JobsTestKit.done;
import static io.millrace.store.JobsTestKit.job;
import static io.millrace.store.StoreTestKit.await;
import static io.millrace.store.StoreTestKit.number;
import static io.millrace.store.StoreTestKit.pool;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.JobOptions.OnDead;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever adds a child races whoever ends its parent: no child is forgotten, none comes twice. */
@Timeout(180)
class ParentsRaceTest {
  private JobsTestKit kit;

  @BeforeEach
  void empty() throws Exception {
    kit = new JobsTestKit();
  }

  /** Does something again and again, one after the other, until it says that this is enough. */
  private static Future<Void> loop(Supplier<Future<Boolean>> step) {
    Promise<Void> end = Promise.promise();
    turn(step, end);
    return end.future();
  }

  private static void turn(Supplier<Future<Boolean>> step, Promise<Void> end) {
    step.get()
        .onFailure(end::tryFail)
        .onSuccess(
            more -> {
              if (more) {
                turn(step, end);
              } else {
                end.complete();
              }
            });
  }

  /** Claims and ends jobs in small, mixed batches until none is left. */
  private Future<Void> worker(
      Random random, Set<Long> ran, List<Long> twice, Supplier<Boolean> on) {
    return loop(
        () ->
            kit.jobs
                .claim(
                    kit.worker, List.of(JobsTestKit.want(JobsTestKit.KIND, 1 + random.nextInt(30))))
                .compose(
                    claimed -> {
                      List<Settlement> all = new ArrayList<>();
                      for (ClaimedJob c : claimed) {
                        int dice = random.nextInt(10);
                        if (dice < 3) {
                          all.add(new Settlement.Postponed(c.key(), 0, "slice", false));
                          continue;
                        }
                        if (!ran.add(c.key().id())) {
                          twice.add(c.key().id());
                        }
                        all.add(dice == 9 ? buried(c.key()) : done(c.key()));
                      }
                      return kit.jobs
                          .endings()
                          .settle(all)
                          .map(n -> on.get() || !claimed.isEmpty());
                    }));
  }

  @Test
  void ofThousandsOfChildrenAddedWhileTheirParentsEndNoneIsLost() throws Exception {
    int n = 4_000;
    List<Long> parents =
        kit.enqueue(IntStream.range(0, n).mapToObj(i -> job(i % 7)).toArray(NewJob[]::new));
    Set<Long> ran = Collections.synchronizedSet(new HashSet<>());
    List<Long> twice = Collections.synchronizedList(new ArrayList<>());
    List<Long> children = Collections.synchronizedList(new ArrayList<>());
    int[] next = new int[1];
    List<Future<Void>> adders = new ArrayList<>();
    for (int a = 0; a < 6; a++) {
      Random random = new Random(a);
      adders.add(
          loop(
              () -> {
                int at;
                synchronized (next) {
                  at = next[0];
                  next[0] += 4;
                }
                if (at >= n) {
                  return Future.succeededFuture(false);
                }
                // Parents near those that are being worked on, in any order and several at once.
                List<NewJob> some = new ArrayList<>();
                for (int i = at; i < Math.min(n, at + 4); i++) {
                  Set<Long> of = new HashSet<>(List.of(parents.get(i)));
                  for (int more = random.nextInt(4); more > 0; more--) {
                    of.add(parents.get(Math.max(0, i - random.nextInt(60))));
                  }
                  some.add(job(1).with(JobOptions.NONE.after(List.copyOf(of), OnDead.PROCEED)));
                }
                return kit.jobs.enqueue(pool(), some).onSuccess(children::addAll).map(true);
              }));
    }
    List<Future<Void>> workers = new ArrayList<>();
    for (int w = 0; w < 5; w++) {
      workers.add(worker(new Random(100 + w), ran, twice, () -> ran.size() < 2 * n));
    }
    await(Future.all(adders));
    await(Future.all(workers));
    assertEquals(n, children.size());
    assertTrue(ran.containsAll(children), "children that nobody ran");
    assertEquals(List.of(), twice);
    assertEquals(0, count("waiting") + count("edge") + count("cascade") + count("running"));
    assertEquals(2L * n, count("outcome") + count("dead"));
    assertTrue(
        number(
                "select count(*) from job_outcome o join job_body b using (id) where b.options is not null and o.run > 0")
            > n / 2);
  }

  @Test
  void sharedChildrenOfManyParentsEndWithoutDeadlock() throws Exception {
    long before =
        number("select deadlocks from pg_stat_database where datname = current_database()");
    int parents = 1_000;
    NewJob[] graph = new NewJob[parents + 200];
    Random random = new Random(5);
    for (int i = 0; i < parents; i++) {
      graph[i] = job(i % 11);
    }
    for (int c = parents; c < graph.length; c++) {
      Set<Integer> of = new HashSet<>();
      while (of.size() < 100) {
        of.add(random.nextInt(parents));
      }
      graph[c] = job(1).with(JobOptions.NONE.afterIndex(List.copyOf(of), OnDead.PROCEED));
    }
    kit.enqueue(graph);
    Set<Long> ran = Collections.synchronizedSet(new HashSet<>());
    List<Long> twice = Collections.synchronizedList(new ArrayList<>());
    List<Future<Void>> workers = new ArrayList<>();
    for (int w = 0; w < 10; w++) {
      workers.add(worker(new Random(w), ran, twice, () -> ran.size() < graph.length));
    }
    await(Future.all(workers));
    assertEquals(graph.length, ran.size());
    assertEquals(List.of(), twice);
    assertEquals(List.of(0L, 0L, 0L), List.of(count("waiting"), count("edge"), count("cascade")));
    assertEquals(
        before,
        number("select deadlocks from pg_stat_database where datname = current_database()"));
  }
}
