package io.millrace.google;

/** An owner's consent was not had; the message is a sentence for the person who asked for it. */
public final class ConsentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message without secrets
   */
  public ConsentException(String message) {
    super(message);
  }
}
