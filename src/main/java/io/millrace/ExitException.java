package io.millrace;

/**
 * Ends the program with a sentence for a person: no stack trace is shown.
 *
 * <p>Thrown by any part that finds that it was called, configured or surrounded wrongly.
 */
public final class ExitException extends RuntimeException {
  /** Everything that was to be done is done. */
  public static final int OK = 0;

  /** Something was left undone. */
  public static final int INCOMPLETE = 1;

  /** A wrong call, configuration or environment. */
  public static final int WRONG = 2;

  /** A running Millrace that is not reachable, or does not let us in. */
  public static final int AWAY = 3;

  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * @param status what the process returns
   * @param sentence what is wrong and what to do, without secrets
   */
  public ExitException(int status, String sentence) {
    super(sentence, null, false, false);
    this.status = status;
  }

  /** With status {@link #WRONG}. */
  public ExitException(String sentence) {
    this(WRONG, sentence);
  }

  /** What the process returns. */
  public int status() {
    return status;
  }
}
