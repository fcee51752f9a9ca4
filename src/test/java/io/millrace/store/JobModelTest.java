package io.millrace.store;

import static io.millrace.store.StoreTestKit.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/**
 * Random interleavings of claimers, crashes, jumps of the clock, settlements (late and double ones
 * too), enqueuers and operators, each step compared with {@link JobModel}: every job is in exactly
 * one place and it is the right one, runs never decrease, limits hold, nobody who could begin is
 * left waiting, nothing begins before its time.
 */
@Tag("partitions")
class JobModelTest {
  private static final long TICK_S = 60;
  private static final List<String> KINDS = List.of("model-a", "model-b");
  private static final List<String> STATES = List.of("completed", "skipped", "cancelled");

  private static final List<JobOptions.OnDuplicate> CHOICES =
      List.of(
          JobOptions.OnDuplicate.IGNORE,
          JobOptions.OnDuplicate.REPLACE,
          JobOptions.OnDuplicate.PUSH);

  /** One step; what the numbers mean depends on {@code what}. */
  record Step(int what, int a, int b, int c) {}

  private final List<RunKey> begun = new ArrayList<>();
  private final Map<Long, Integer> runs = new HashMap<>();
  private JobModel model;
  private Pool pool;
  private Jobs jobs;
  private Workers workers;
  private List<Integer> alive;

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Integer> number = Arbitraries.integers().between(0, 11);
    Arbitrary<Integer> what =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(6, Arbitraries.just(0)),
            net.jqwik.api.Tuple.of(6, Arbitraries.just(1)),
            net.jqwik.api.Tuple.of(6, Arbitraries.just(2)),
            net.jqwik.api.Tuple.of(7, Arbitraries.integers().between(3, 9)));
    return Combinators.combine(what, number, number, number)
        .as(Step::new)
        .list()
        .ofMinSize(30)
        .ofMaxSize(90);
  }

  @BeforeTry
  void empty() throws Exception {
    new JobsTestKit();
    pool = ShiftedDatabase.pool("0 seconds", "model", 1);
    jobs = new Jobs(pool, new Kinds(pool));
    workers = new Workers(pool);
    model = new JobModel();
    begun.clear();
    runs.clear();
    await(new Kinds(pool).ids(KINDS));
    StoreTestKit.run(
        "update job_kind set paused = false, max_running = null, max_per_user = null, keyed = false"
            + " where name like 'model-%'");
    KINDS.forEach(k -> model.controls.put(k, new JobModel.Control()));
    alive = new ArrayList<>(List.of(register(), register(), register()));
  }

  @AfterTry
  void close() throws Exception {
    await(pool.close());
  }

  @Property(tries = 40, shrinking = ShrinkingMode.BOUNDED)
  void theTablesDoWhatTheModelSays(@ForAll("steps") List<Step> steps) throws Exception {
    for (Step step : steps) {
      take(step);
      compare(step);
    }
  }

  @Tag("slow")
  @Property(tries = 200, shrinking = ShrinkingMode.BOUNDED)
  void theTablesDoWhatTheModelSaysForLong(@ForAll("steps") List<Step> steps) throws Exception {
    theTablesDoWhatTheModelSays(steps);
  }

  private void take(Step step) throws Exception {
    switch (step.what()) {
      case 0 -> enqueue(step);
      case 1 -> claim(step);
      case 2 -> settle(step);
      case 3 -> jump(step);
      case 4 -> assertEquals(model.promote(), await(jobs.promote(1_000)).count());
      case 5 ->
          assertEquals(
              model.rescue(),
              await(
                      jobs.endings()
                          .rescue(
                              0,
                              Map.of(
                                  KINDS.get(0),
                                  JobModel.ATTEMPTS,
                                  KINDS.get(1),
                                  JobModel.ATTEMPTS)))
                  .count());
      case 6 -> crashOrBeat(step);
      case 7 -> cancel(step);
      case 8 -> pause(step);
      default -> limit(step);
    }
  }

  private int register() throws Exception {
    int worker = await(workers.register("model", 1, TICK_S * 1_500, false));
    model.leases.put(worker, model.now);
    return worker;
  }

  private void enqueue(Step step) throws Exception {
    long user = 1L + step.a() % 3;
    String kind = KINDS.get(step.b() % 2);
    String key = step.c() % 4 == 3 ? "model-key" : null;
    String dedup = step.a() >= 9 ? "d" : null;
    int delay = step.b() >= 8 ? step.b() - 7 : 0;
    JobOptions.OnDuplicate choice = CHOICES.get(step.c() % 3);
    NewJob job = NewJob.of(user, kind, "{}").priority(step.c() % 5 - 2);
    // A key makes its kind a keyed one, even where the job turns out to be there already.
    model.controls.get(kind).keyed |= key != null;
    JobOptions options = JobOptions.NONE;
    options = key == null ? options : options.limitKey(key);
    options = dedup == null ? options : options.onDuplicate(choice);
    job = dedup == null ? job : job.once(dedup);
    job = delay == 0 ? job : job.at(instant(delay));
    Long id = await(jobs.enqueue(pool, List.of(job.with(options)))).get(0);
    boolean taken =
        model.takes(
            user, dedup, choice.name().toLowerCase(java.util.Locale.ROOT), model.now + delay);
    assertEquals(taken, id != null, "taken");
    if (taken) {
      String state = delay == 0 ? "ready" : "scheduled";
      model.add(new JobModel.Job(id, user, kind, key, dedup, state, model.now + delay));
    }
  }

  private Instant instant(int ticks) throws Exception {
    return await(
            pool.preparedQuery("select clock() + $1 * interval '1 second'")
                .execute(Tuple.of(ticks * TICK_S)))
        .iterator()
        .next()
        .getOffsetDateTime(0)
        .toInstant();
  }

  private void claim(Step step) throws Exception {
    int worker = alive.get(step.a() % alive.size());
    String kind = KINDS.get(step.b() % 2);
    int most = 1 + step.c() % 5;
    boolean limited = model.limited(kind);
    await(jobs.releaseStranded(1_000));
    List<ClaimedJob> claimed = new ArrayList<>();
    List<Jobs.Want> wants = List.of(new Jobs.Want(kind, most, TICK_S * 2_500, Long.MIN_VALUE));
    if (limited) {
      boolean more = true;
      while (more && claimed.size() < most) {
        Jobs.Limited some =
            await(
                jobs.claimLimited(
                    worker,
                    List.of(
                        new Jobs.Want(
                            kind, most - claimed.size(), TICK_S * 2_500, Long.MIN_VALUE))));
        claimed.addAll(some.jobs());
        more = some.more();
      }
      assertEquals(List.of(), await(jobs.claim(worker, wants)));
    } else {
      claimed.addAll(await(jobs.claim(worker, wants)));
    }
    assertTrue(claimed.size() <= most);
    for (ClaimedJob c : claimed) {
      JobModel.Job job = model.jobs.get(c.key().id());
      assertTrue(job.is("ready") && model.mayBegin(job), "claimed " + job);
      assertEquals(job.failures, c.failures());
      model.begin(job, worker);
      assertEquals(job.run, c.key().run());
      begun.add(c.key());
    }
    if (claimed.size() < most) {
      for (JobModel.Job job : model.jobs.values()) {
        assertTrue(
            !job.kind.equals(kind) || !job.is("ready") || !model.mayBegin(job),
            "could begin and does not: " + job);
      }
    }
  }

  /**
   * Of any run that ever began: the current one, one that has been taken back, or one that ended.
   */
  private void settle(Step step) throws Exception {
    if (begun.isEmpty()) {
      return;
    }
    RunKey key = begun.get(Math.max(0, begun.size() - 1 - step.a()));
    JobModel.Job job = model.jobs.get(key.id());
    boolean current = job.is("running") && job.run == key.run();
    Settlement settlement;
    if (step.b() < 5) {
      settlement = new Settlement.Finished(key, STATES.get(step.b() % 3), null);
    } else if (step.b() < 10) {
      boolean spent = step.c() % 2 == 0;
      int ticks = step.c() / 4;
      settlement = new Settlement.Postponed(key, ticks * TICK_S * 1_000, "model", spent);
    } else {
      settlement = new Settlement.Buried(key, "model", "{}");
    }
    assertEquals(current ? 1 : 0, await(jobs.endings().settle(List.of(settlement))));
    if (!current) {
      return;
    }
    if (settlement instanceof Settlement.Finished finished) {
      model.end(job, finished.state());
    } else if (settlement instanceof Settlement.Postponed postponed) {
      model.postpone(job, step.c() / 4, postponed.attemptSpent());
    } else {
      job.failures++;
      model.end(job, "dead");
    }
  }

  private void jump(Step step) throws Exception {
    model.now += 1 + step.a() % 3;
    await(
        pool.query("set millrace.clock_shift = '%d seconds'".formatted(model.now * TICK_S))
            .execute());
  }

  private void crashOrBeat(Step step) throws Exception {
    int at = step.a() % alive.size();
    int worker = alive.get(at);
    if (step.b() < 4) {
      // It forgets its runs, and nobody says so; another takes its place.
      alive.set(at, register());
      if (step.b() < 2) {
        await(workers.stop(worker));
        model.leases.remove(worker);
      }
    } else {
      boolean lives = model.alive(worker);
      assertEquals(lives, await(workers.heartbeat(worker, TICK_S * 1_500)));
      if (lives) {
        model.leases.put(worker, model.now);
      } else {
        alive.set(at, register());
      }
    }
  }

  private void cancel(Step step) throws Exception {
    List<JobModel.Job> all = model.jobs.values().stream().filter(j -> j.dedup == null).toList();
    if (all.isEmpty()) {
      return;
    }
    JobModel.Job job = all.get(all.size() - 1 - Math.min(all.size() - 1, step.a()));
    boolean done =
        await(
                pool.preparedQuery("select end_unstarted($1, $2, 'model')")
                    .execute(Tuple.of(job.user, job.id)))
            .iterator()
            .next()
            .getBoolean(0);
    assertEquals(job.unbegun(), done);
    if (done) {
      model.end(job, "cancelled");
    }
  }

  private void pause(Step step) throws Exception {
    String kind = KINDS.get(step.a() % 2);
    JobModel.Control control = model.controls.get(kind);
    control.paused = step.b() < 4;
    set(kind, "paused", control.paused);
  }

  private void limit(Step step) throws Exception {
    String kind = KINDS.get(step.a() % 2);
    Integer most = step.b() < 4 ? step.b() : null;
    JobModel.Control control = model.controls.get(kind);
    switch (step.c() % 3) {
      case 0 -> {
        control.maxRunning = most;
        set(kind, "max_running", most);
      }
      case 1 -> {
        control.maxPerUser = most;
        set(kind, "max_per_user", most);
      }
      default -> {
        if (most == null) {
          model.keys.remove("model-key");
          await(pool.query("delete from job_limit where key = 'model-key'").execute());
        } else {
          model.keys.put("model-key", most);
          await(
              pool.preparedQuery(
                      "insert into job_limit (key, max_running) values ('model-key', $1)"
                          + " on conflict (key) do update set max_running = excluded.max_running")
                  .execute(Tuple.of(most)));
        }
      }
    }
  }

  private void set(String kind, String what, Object value) throws Exception {
    await(
        pool.preparedQuery("update job_kind set " + what + " = $2 where name = $1")
            .execute(Tuple.tuple().addValue(kind).addValue(value)));
  }

  private void compare(Step step) throws Exception {
    Map<Long, String> expected = new TreeMap<>();
    model.jobs.values().forEach(j -> expected.put(j.id, j.toString()));
    Map<Long, String> found = new TreeMap<>();
    for (Row row :
        await(pool.preparedQuery("select id, state, run, failures from job").execute())) {
      long id = row.getLong("id");
      int run = row.getInteger("run");
      String old =
          found.put(
              id,
              id
                  + " "
                  + row.getString("state")
                  + " run "
                  + run
                  + " failures "
                  + row.getShort("failures"));
      assertEquals(null, old, "a job in two places after " + step);
      assertTrue(runs.merge(id, run, Math::max) == run, "a run decreased after " + step);
    }
    assertEquals(expected, found, "after " + step);
    Map<List<Object>, Long> keys = new HashMap<>();
    for (Row row :
        await(pool.preparedQuery("select user_id, dedup_key, id from job_dedup").execute())) {
      keys.put(List.of(row.getLong(0), row.getString(1)), row.getLong(2));
    }
    assertEquals(model.dedup, keys, "after " + step);
  }
}
