package io.millrace.pipeline;

import io.millrace.google.MessageFormat;
import io.millrace.store.MessageRow;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Opens a message for its owner to read: whom it names, its text as plain text, and what is
 * attached. Markup of a message never leaves here. Thread-safe; futures complete on the caller's
 * context and fail only if the database does.
 */
public final class MessageOpener {
  /**
   * Somebody whom a message names.
   *
   * @param role from, sender, reply_to, to, cc or bcc
   * @param name null if there is none
   * @param address as it could be understood, else what stood there
   */
  public record Named(String role, String name, String address) {}

  /**
   * What is attached.
   *
   * @param part its place in the message
   * @param name as the sender has it: for people, not safe as a path
   * @param bytes by Google's count
   */
  public record Attached(String part, String name, String type, long bytes, boolean inline) {}

  /**
   * An open message.
   *
   * @param row what is stored of it
   * @param text plain, at most 256 Ki characters; empty if there is none, or none is stored
   * @param messageId that of its Message-ID header, or null
   * @param lacking why it is less than was wanted, in a sentence; null if it is not
   */
  public record Opened(
      MessageRow row,
      String subject,
      List<Named> people,
      String text,
      boolean textTruncated,
      List<Attached> attachments,
      String messageId,
      String lacking) {}

  private final Vertx vertx;
  private final MessageReader reader;

  /** Opens what a reader reads. */
  public MessageOpener(Vertx vertx, MessageReader reader) {
    this.vertx = vertx;
    this.reader = reader;
  }

  /**
   * A message of a user; empty if it is not stored.
   *
   * @param whole whether what is missing of it is to be fetched from Google
   */
  public Future<Optional<Opened>> open(long user, String id, boolean whole) {
    Future<Optional<MessageReader.Reading>> read =
        whole
            ? reader.read(user, id, MessageFormat.FULL)
            : reader
                .stored(user, id)
                .map(found -> found.map(row -> new MessageReader.Reading(row, null)));
    return read.compose(
        found ->
            found.isEmpty()
                ? Future.succeededFuture(Optional.empty())
                // Parsing takes its time.
                : vertx.executeBlocking(() -> Optional.of(opened(found.get())), false));
  }

  private static Opened opened(MessageReader.Reading reading) {
    MessageRow row = reading.message();
    Interaction made;
    try (Inflate inflate = new Inflate()) {
      made =
          EmailNormalizer.normalize(
              new SourceMessage(
                  row.id(),
                  row.threadId(),
                  row.labelIds(),
                  row.snippet(),
                  row.internalDate(),
                  row.sizeEstimate(),
                  inflate.of(row.payload())),
              null);
    }
    return new Opened(
        row,
        made.subject(),
        made.participants().stream().map(MessageOpener::named).toList(),
        made.text(),
        made.textTruncated(),
        made.attachments().stream().map(MessageOpener::attached).toList(),
        made.rfcMessageId(),
        reading.lacking());
  }

  private static Named named(Participant participant) {
    Address of = participant.address();
    return new Named(
        participant.role().name().toLowerCase(Locale.ROOT),
        of.name(),
        of.address() == null ? of.raw() : of.address());
  }

  private static Attached attached(Attachment of) {
    return new Attached(of.partId(), of.filename(), of.mimeType(), of.size(), of.inline());
  }
}
