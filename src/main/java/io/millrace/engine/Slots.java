package io.millrace.engine;

import java.time.Duration;

/**
 * How many more jobs of a kind may be claimed now. Asked and told by the claimer, on its event loop
 * only.
 */
public interface Slots {
  /**
   * How many more may be claimed.
   *
   * @param busy how many of the kind are claimed and not yet released, at least 0
   * @return at least 0; at least 1 while nothing of the kind is busy
   */
  int free(String kind, int busy);

  /**
   * Takes in a run that has ended by its own doing. Runs that yielded or were cancelled, and
   * failures that no lighter load would have prevented (an invalid payload, a missing record), say
   * nothing about the load and are not told.
   *
   * @param busy how many of the kind were claimed when it ended, it included
   * @param failed whether the attempt failed, by a failure that may pass or by its deadline
   * @param run how long it took
   */
  void finished(String kind, int busy, boolean failed, Duration run);

  /** As many as are configured, whatever happens. */
  static Slots fixed(EngineSettings settings) {
    return new Slots() {
      @Override
      public int free(String kind, int busy) {
        return Math.max(0, settings.kind(kind).slots() - busy);
      }

      @Override
      public void finished(String kind, int busy, boolean failed, Duration run) {
        // Nothing is learnt from it.
      }
    };
  }
}
