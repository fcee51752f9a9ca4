package io.millrace.engine;

import io.millrace.store.ClaimedJob;
import io.millrace.store.RunKey;
import io.millrace.store.Settlement;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What this process runs, and how many more of each kind it may. Owned by the claimer's context.
 */
final class Runs {
  private final Map<String, KnownKind<?>> handlers;
  private final RunTools tools;
  private final Slots slots;
  private final Suspects suspects;
  private final ChangeNotes notes;
  private final RunObserver observer;
  private final Consumer<Completer.Ended> settle;
  private final Map<String, Integer> busy = new HashMap<>();
  private final Map<RunKey, JobRun<?>> running = new HashMap<>();
  private boolean stopping;

  /**
   * @param settle takes the end of each run
   */
  Runs(
      Map<String, KnownKind<?>> handlers,
      RunTools tools,
      Slots slots,
      Suspects suspects,
      ChangeNotes notes,
      RunObserver observer,
      Consumer<Completer.Ended> settle) {
    this.handlers = handlers;
    this.tools = tools;
    this.slots = slots;
    this.suspects = suspects;
    this.notes = notes;
    this.observer = observer;
    this.settle = settle;
  }

  /** How many more of a kind may be started. */
  int free(String kind) {
    return slots.free(kind, busy.getOrDefault(kind, 0));
  }

  /** Keeps a slot of a kind, which is free, for a job that is on its way. */
  void keep(String kind) {
    busy.merge(kind, 1, Integer::sum);
  }

  /** It is here, to be {@linkplain #dispatch dispatched}, or does not come. */
  void unkeep(String kind) {
    busy.merge(kind, -1, Integer::sum);
  }

  /** Starts what was claimed, each on one of the runners' event loops. */
  void dispatch(List<ClaimedJob> claimed) {
    for (ClaimedJob job : claimed) {
      JobRun<?> run = new JobRun<>(job, handlers.get(job.kind()), tools, observer.begun(job));
      keep(job.kind());
      notes.running(job.kind(), job.key().id());
      running.put(job.key(), run);
      long waits = stopping ? 0 : suspects.begin(job, () -> begin(job, run));
      if (stopping || waits > 0) {
        // No run has begun, so no attempt is spent.
        String why = stopping ? "stop" : "suspect";
        settle.accept(
            new Completer.Ended(job, new Settlement.Postponed(job.key(), waits, why, false)));
      }
    }
    suspects.go();
  }

  private void begin(ClaimedJob job, JobRun<?> run) {
    run.begin()
        .onComplete(done -> settle.accept(new Completer.Ended(job, done.result().orElse(null))));
  }

  /** Its end is committed, or can never be: its slot is free. */
  void ended(Completer.Ended ended) {
    String kind = ended.job().kind();
    RunKey key = ended.job().key();
    Settlement settlement = ended.settlement();
    JobRun<?> run = running.remove(key);
    suspects.ended(key);
    boolean failed =
        (settlement instanceof Settlement.Postponed p && p.attemptSpent())
            || (settlement instanceof Settlement.Buried b && b.reason().equals("exhausted"));
    if (run != null && (failed || settlement instanceof Settlement.Finished)) {
      slots.finished(kind, busy.get(kind), failed, run.elapsed());
    }
    if (run != null) {
      run.seen(settlement);
    }
    unkeep(kind);
    notes.settled(kind, key.id(), settlement);
  }

  /** The run, null if it is none of this process. */
  JobRun<?> of(RunKey key) {
    return running.get(key);
  }

  /** Whether some run is of a job, by its id alone. */
  boolean has(long job) {
    return running.keySet().stream().anyMatch(key -> key.id() == job);
  }

  /** How many there are. */
  int count() {
    return running.size();
  }

  /** Whether nothing runs and nothing is on its way. */
  boolean none() {
    return busy.values().stream().allMatch(n -> n == 0);
  }

  /** Tells all to come to an end; what comes from now on is given back. */
  void stop(Stop stop) {
    stopping = true;
    List.copyOf(running.values()).forEach(run -> run.stop(stop));
  }

  /** Gives back the threads that runs had. */
  Future<Void> close() {
    tools.watch().close();
    return tools.threads().close();
  }
}
