package io.millrace.google;

import io.vertx.core.Future;
import java.util.List;

/**
 * Calls that a person waits for: they go before background work and may touch the reserve of units,
 * and are charged like any other. Thread-safe; futures complete on the caller's context and fail as
 * those of {@link GmailClient} do.
 */
public final class OnDemand {
  private final GmailClient client;

  /** Calls through a client, with its quota, tokens and byte budget. */
  public OnDemand(GmailClient client) {
    this.client = client;
  }

  /**
   * One message, tried once.
   *
   * @return to be released; fails with {@link GoogleFailure.NotFound} if it is gone and with {@link
   *     GoogleFailure.TooLarge} if it is longer than any answer may be
   */
  public Future<MessageData> message(long user, String id, MessageFormat format) {
    return client
        .fetch(user, List.of(id), format, new CallScope(true))
        .compose(
            result -> {
              PartResult part = result.parts().get(0);
              return part.data() != null
                  ? Future.succeededFuture(part.data())
                  : Future.failedFuture(new GoogleException(part.failure()));
            });
  }

  /**
   * The bytes of an attachment, tried once.
   *
   * @param attachment the id that Google gave it with the message; it is good for some time only
   * @return to be released; fails with {@link GoogleFailure.BadRequest} or {@link
   *     GoogleFailure.NotFound} if the id is no longer good
   */
  public Future<AttachmentData> attachment(long user, String message, String attachment) {
    return client.attachment(user, message, attachment, new CallScope(true));
  }

  /** Gives back the bytes of a message, once. */
  public void release(MessageData message) {
    client.release(message);
  }

  /** Gives back the bytes of an attachment, once. */
  public void release(AttachmentData attachment) {
    client.release(attachment);
  }
}
