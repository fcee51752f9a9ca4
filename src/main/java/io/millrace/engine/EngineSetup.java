package io.millrace.engine;

import io.millrace.store.Schedule;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * What an engine works with. Begin with {@link #of} and replace what should be otherwise.
 *
 * @param handlers besides those that {@link java.util.ServiceLoader} finds
 * @param runners event loops for runs, at least 1
 * @param slots how many more of a kind may be claimed; asked on the claimer's event loop
 * @param schedules to be defined at the start; others that the database knows stay
 * @param upkeep how the job tables are looked after
 * @param random where jitter comes from; used by several threads
 * @param observer sees jobs come and runs begin and end
 */
public record EngineSetup(
    EngineSettings settings,
    List<JobHandler<?>> handlers,
    int runners,
    Slots slots,
    List<Schedule> schedules,
    UpkeepSettings upkeep,
    InstantSource clock,
    RandomGenerator random,
    RunObserver observer) {
  /** A runner for each processor, slots as configured, no schedules, upkeep as by default. */
  public static EngineSetup of(EngineSettings settings, List<JobHandler<?>> handlers) {
    return new EngineSetup(
        settings,
        handlers,
        Math.max(1, Runtime.getRuntime().availableProcessors()),
        Slots.fixed(settings),
        List.of(),
        UpkeepSettings.DEFAULT,
        InstantSource.system(),
        new Random(),
        RunObserver.NONE);
  }

  /** With other slots. */
  public EngineSetup slots(Slots other) {
    return new EngineSetup(
        settings, handlers, runners, other, schedules, upkeep, clock, random, observer);
  }

  /** With these schedules. */
  public EngineSetup schedules(List<Schedule> other) {
    return new EngineSetup(
        settings, handlers, runners, slots, other, upkeep, clock, random, observer);
  }

  /** Looked after otherwise. */
  public EngineSetup upkeep(UpkeepSettings other) {
    return new EngineSetup(
        settings, handlers, runners, slots, schedules, other, clock, random, observer);
  }

  /** With another clock. */
  public EngineSetup clock(InstantSource other) {
    return new EngineSetup(
        settings, handlers, runners, slots, schedules, upkeep, other, random, observer);
  }

  /** Seen by another. */
  public EngineSetup observer(RunObserver other) {
    return new EngineSetup(
        settings, handlers, runners, slots, schedules, upkeep, clock, random, other);
  }
}
