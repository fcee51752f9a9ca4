package io.millrace.engine;

import io.millrace.store.ClaimedJob;
import io.millrace.store.NewJob;
import io.vertx.core.Context;
import java.time.Duration;

/** Sees jobs come and runs begin and end: what counts and traces hang on. Must not throw. */
public interface RunObserver {
  /** Sees nothing. */
  RunObserver NONE = job -> Seen.NOTHING;

  /**
   * A run is about to begin.
   *
   * @return what sees the rest of it
   */
  Seen begun(ClaimedJob job);

  /** A job without a place in a trace is about to be enqueued; answers it, perhaps with one. */
  default NewJob coming(NewJob job) {
    return job;
  }

  /** Sees one run. */
  interface Seen {
    /** Sees nothing. */
    Seen NOTHING = (state, took) -> {};

    /**
     * The end is committed, or can never be.
     *
     * @param state completed, skipped, cancelled, dead, retried (an attempt failed), yielded (it
     *     goes on later), or lost (another run has taken over)
     * @param took from the claim
     */
    void ended(String state, Duration took);

    /** Tokens were given to a model for the run. */
    default void tokens(long count) {}

    /** The run's place in its trace; null for the one that it has anyway. */
    default TraceParent trace() {
      return null;
    }

    /** Where the handler is called: the loop itself, or a context of the run's own on it. */
    default Context on(Context loop) {
      return loop;
    }
  }

  /** Both see all; traces are the second's. */
  static RunObserver both(RunObserver first, RunObserver second) {
    return new RunObserver() {
      @Override
      public Seen begun(ClaimedJob job) {
        Seen one = first.begun(job);
        Seen two = second.begun(job);
        return new Seen() {
          @Override
          public void ended(String state, Duration took) {
            one.ended(state, took);
            two.ended(state, took);
          }

          @Override
          public void tokens(long count) {
            one.tokens(count);
            two.tokens(count);
          }

          @Override
          public TraceParent trace() {
            return two.trace();
          }

          @Override
          public Context on(Context loop) {
            return two.on(loop);
          }
        };
      }

      @Override
      public NewJob coming(NewJob job) {
        return second.coming(job);
      }
    };
  }
}
