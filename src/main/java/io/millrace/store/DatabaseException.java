package io.millrace.store;

/** The database cannot be had; the message is one sentence for a person, without secrets. */
public final class DatabaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param sentence what is wrong and what would be right
   */
  public DatabaseException(String sentence) {
    super(sentence);
  }

  /**
   * @param sentence what is wrong and what would be right
   * @param cause what was thrown
   */
  public DatabaseException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
