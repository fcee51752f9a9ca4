package io.millrace.console;

/** The console cannot start; the message is one sentence for the person who started it. */
public final class ConsoleException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ConsoleException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
