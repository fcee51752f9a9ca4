package io.millrace.google;

/**
 * What a {@link MessageStream} emits: exactly one of {@link Message}, {@link Gone} and {@link
 * Failed} for each id that was asked for, and what else threads brought.
 */
public sealed interface Fetched {
  String id();

  /**
   * The message. Its bytes stay charged until the receiver gives them back, see {@link
   * GmailClient#release}.
   *
   * @param asked false if nobody asked for it: it came with its thread
   */
  record Message(MessageData data, boolean asked) implements Fetched {
    @Override
    public String id() {
      return data.id();
    }
  }

  /** It was deleted since it was listed. */
  record Gone(String id) implements Fetched {}

  /**
   * It cannot be fetched, though others can.
   *
   * @param attempts how often it was tried, at least 1
   */
  record Failed(String id, GoogleFailure failure, int attempts) implements Fetched {}

  /**
   * A thread could not be had whole: what of it was not emitted yet comes singly. Worth keeping, so
   * that the thread is not paid for again.
   *
   * @param id the thread's
   */
  record Unthreaded(String id) implements Fetched {}
}
