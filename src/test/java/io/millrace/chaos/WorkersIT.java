package io.millrace.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.store.NewJob;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Engines that die, stand still, live by another clock, or do not know what is asked of them. */
@Timeout(90)
@Tag("slow")
class WorkersIT {
  private static final Duration SOON = Duration.ofSeconds(20);

  @RegisterExtension final Stage here = new Stage();

  /** T1: two claimers, one job. T20: one that takes four times the lease is left alone. */
  @Test
  void severalRunEachJobOnceHoweverLongItTakes() throws Exception {
    WorkerProcess one = here.worker("leaseMs=1500");
    WorkerProcess other = here.worker("leaseMs=1500");
    one.ready();
    other.ready();
    here.enqueue("once", 8, 6_000);
    here.enqueue("plain", 1_000, 0);
    here.enqueue("steps", Collections.nCopies(200, EngineProcess.job("steps", 2, 0)));
    here.oracle().settled(SOON);
    List<String> runs = Stream.of(one, other).flatMap(w -> w.began().stream()).toList();
    assertEquals(1_208, runs.size(), "each job ran once");
    assertTrue(!one.began().isEmpty() && !other.began().isEmpty(), "both had a share");
  }

  /** T2, and a pause of a whole machine: what was taken from it, it cannot finish. */
  @Test
  void oneThatStoodStillCannotFinishWhatWasTakenFromIt() throws Exception {
    WorkerProcess frozen = here.worker("leaseMs=1500").ready();
    here.enqueue("once", 8, 1_000);
    Await.until(SOON, frozen::log, () -> frozen.began().size() == 8);
    frozen.freeze();
    here.worker("leaseMs=1500").ready().says("took back 8 runs", SOON);
    frozen.thaw();
    here.oracle().settled(SOON);
    frozen.says("lease had run out", SOON);
    assertEquals(
        List.of("2"), here.server().rows("select distinct run from chaos.effect"), frozen.log());
    // It goes on under another number.
    int before = frozen.began().size();
    here.enqueue("once", 200, 50);
    here.oracle().settled(SOON);
    assertTrue(frozen.began().size() > before, frozen.log());
  }

  /** T5: within lease and one poll, from the checkpoint. */
  @Test
  void whatAKilledOneRanGoesOnFromItsCheckpoint() throws Exception {
    WorkerProcess killed = here.worker("leaseMs=1500").ready();
    WorkerProcess heir = here.worker("leaseMs=1500", "slots=20").ready();
    here.enqueue("steps", Collections.nCopies(16, EngineProcess.job("steps", 12, 100)));
    Await.until(SOON, heir::log, () -> stepsDone() >= 16 * 4);
    killed.kill();
    Duration took = here.oracle().settled(SOON);
    // A lease, a sweep (a third of it), a poll, and the work that was left.
    assertTrue(took.toMillis() < 1_500 + 500 + 200 + 1_200 + 2_000, "it took " + took);
    assertEquals(16 * 12, stepsDone(), "no step was done again");
  }

  private long stepsDone() throws Exception {
    return here.server().number("select count(*) from chaos.effect");
  }

  /** T26: everything is killed at once; what starts afterwards finds the registry in order. */
  @Test
  void theRegistrySurvivesARestartOfEverything() throws Exception {
    WorkerProcess one = here.worker("leaseMs=1500");
    WorkerProcess other = here.worker("leaseMs=1500");
    one.ready();
    other.ready();
    here.enqueue("once", 60, 300);
    here.enqueue("plain", 60, 300);
    here.oracle().underWay(10);
    one.kill();
    other.kill();
    here.server().kill();
    here.server().restart();
    assertEquals(2, here.server().number("select count(*) from worker"), "both are remembered");
    here.worker("leaseMs=1500").ready();
    here.oracle().settled(SOON);
    assertEquals(
        1,
        here.server()
            .number(
                "select count(*) from worker where stopped_at is null and expires_at > clock()"),
        "one lives");
  }

  /** T31: what no handler can read, and what nobody here knows, does not stand in the way. */
  @Test
  void invalidAndUnknownOnesDoNotBlockThoseBehindThem() throws Exception {
    here.enqueue("rare", 20, 0);
    List<Long> invalid =
        here.enqueue(
            "once", Collections.nCopies(100, NewJob.of(1, "once", "{\"n\": [\"no number\"]}")));
    here.oracle().expectDead(invalid);
    here.enqueue("once", 100, 0);
    here.worker("slots=2").ready();
    here.oracle().underWay(200);
    assertEquals(20, here.oracle().in("ready"), "those of the unknown kind are kept");
    here.worker("kinds=rare").ready();
    here.oracle().settled(SOON);
    assertEquals(0, here.server().number("select count(*) from job_outcome where run > 1"));
  }

  @Test
  void aPoisonJobIsDeadAfterItsAttemptsAndTakesNobodyWithIt() throws Exception {
    here.oracle().expectDead(here.enqueue("poison", 1, 0));
    here.enqueue("once", 6, 400);
    String[] options = {"kinds=poison,once", "leaseMs=900", "attempts=3"};
    for (int attempt = 1; attempt <= 3; attempt++) {
      WorkerProcess victim = here.worker(options);
      assertEquals(134, victim.exits(SOON), victim.log());
    }
    WorkerProcess last = here.worker(options).ready();
    here.oracle().settled(SOON);
    assertTrue(last.alive());
    last.says("took back .* runs of lost workers", SOON);
    assertEquals(
        List.of("lost after 3"),
        here.server().rows("select reason || ' after ' || failures from job_dead"));
  }

  /** And T3: a retry never runs before its time, whatever the worker believes the time to be. */
  @Test
  void clocksOffByAnHourChangeNothing() throws Exception {
    WorkerProcess ahead = here.worker("clockShift=PT1H", "slots=2");
    WorkerProcess behind = here.worker("clockShift=PT-1H", "slots=2");
    ahead.ready();
    behind.ready();
    Instant due = Instant.now().plusSeconds(3);
    List<Long> later =
        here.enqueue(
            "once",
            Stream.generate(() -> EngineProcess.job("once", 1, 0).at(due)).limit(40).toList());
    here.enqueue("flaky", 40, 0);
    here.enqueue("steps", Collections.nCopies(20, EngineProcess.job("steps", 3, 50)));
    here.oracle().settled(SOON);
    Set<String> early =
        new TreeSet<>(
            here.server()
                .rows(
                    "select job from chaos.effect where at < '%s' and job between %d and %d"
                        .formatted(due, later.get(0), later.get(later.size() - 1))));
    assertEquals(Set.of(), early, "ran before its time");
    assertEquals(
        List.of("1"),
        here.server()
            .rows(
                "select distinct failures from job_outcome o join job_kind k on k.id = o.kind where name = 'flaky'"));
    assertTrue(!ahead.began().isEmpty() && !behind.began().isEmpty(), "both had a share");
  }
}
