package io.millrace.engine;

import java.time.Instant;
import java.util.Objects;

/**
 * How a handler says what sort of failure it met, where the exception at hand does not tell.
 * Thrown, or the cause of a failed future; carries no stack trace of its own, its cause has one.
 */
public final class JobFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final FailureClass failureClass;
  private final transient Instant retryAt;

  /**
   * @param message one sentence for a person, without secrets
   */
  public JobFailure(FailureClass failureClass, String message) {
    this(failureClass, message, null, null);
  }

  /**
   * @param message one sentence for a person, without secrets
   * @param retryAt before this the other side wants no further try; null if it named no instant
   * @param cause what was caught, or null
   */
  public JobFailure(FailureClass failureClass, String message, Instant retryAt, Throwable cause) {
    super(message, cause, false, cause == null);
    this.failureClass = Objects.requireNonNull(failureClass, "failureClass");
    this.retryAt = retryAt;
  }

  /** Never null. */
  public FailureClass failureClass() {
    return failureClass;
  }

  /** Before this no further try, or null. */
  public Instant retryAt() {
    return retryAt;
  }
}
