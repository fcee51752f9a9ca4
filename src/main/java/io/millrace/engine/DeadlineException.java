package io.millrace.engine;

import java.time.Duration;

/** A run took longer than its kind or its job allows. */
public final class DeadlineException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param allowed how long it might take
   * @param cause what the handler made of it when it was told, or null
   */
  public DeadlineException(Duration allowed, Throwable cause) {
    super("it ran longer than " + allowed.toMillis() / 1000.0 + " s", cause, false, false);
  }
}
