package io.millrace.engine;

import java.time.Duration;
import java.util.Objects;

/**
 * What a run came to. A wait is an outcome, not an error: it spends no attempt and is recorded
 * nowhere as a failure.
 */
public sealed interface Outcome {
  /**
   * The work is done.
   *
   * @param note a few words for whoever looks, or null
   */
  record Completed(String note) implements Outcome {}

  /**
   * Goes on later from its checkpoint.
   *
   * @param after from now; zero is as soon as others have had their turn
   * @param why {@code quota}, {@code slice} or another word that a person understands
   */
  record Yielded(Duration after, String why) implements Outcome {
    /** Refuses what could not be written down. */
    public Yielded {
      Objects.requireNonNull(after, "after");
      Objects.requireNonNull(why, "why");
    }
  }

  /** An attempt failed and another may succeed; how long to wait is the engine's to decide. */
  record Retried(Throwable cause) implements Outcome {
    /** Refuses a failure without a cause. */
    public Retried {
      Objects.requireNonNull(cause, "cause");
    }
  }

  /**
   * There is nothing to do, and that is no error.
   *
   * @param reason a few words
   */
  record Skipped(String reason) implements Outcome {}

  /**
   * Failed for good: no retry can help.
   *
   * @param reason the failure's class, one word
   */
  record Discarded(String reason, Throwable cause) implements Outcome {
    /** Refuses what could not be written down. */
    public Discarded {
      Objects.requireNonNull(reason, "reason");
      Objects.requireNonNull(cause, "cause");
    }
  }

  /**
   * Ended because somebody wanted it so.
   *
   * @param reason a few words
   */
  record Cancelled(String reason) implements Outcome {}
}
