package io.millrace.sim;

/** The simulator cannot start or go on; the message is one sentence for a person. */
public final class SimException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A sentence, and what lay behind it or null. */
  public SimException(String message, Throwable cause) {
    super(message, cause);
  }
}
