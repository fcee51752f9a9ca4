package io.millrace.google;

/** What finally became of an id: a {@link MessageStream} emits exactly one for each. */
public sealed interface Fetched {
  String id();

  /**
   * The message. Its bytes stay charged until the receiver gives them back, see {@link
   * GmailClient#release}.
   */
  record Message(MessageData data) implements Fetched {
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
}
