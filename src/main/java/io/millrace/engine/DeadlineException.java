package io.millrace.engine;

import java.time.Duration;

/** A run took longer than its kind allows. */
public final class DeadlineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param allowed how long it might take
   */
  public DeadlineException(Duration allowed) {
    super("it ran longer than " + allowed.toSeconds() + " s", null, false, false);
  }
}
