package io.millrace.pipeline;

import io.millrace.google.AttachmentData;
import io.millrace.google.GoogleException;
import io.millrace.google.GoogleFailure.BadRequest;
import io.millrace.google.GoogleFailure.NotFound;
import io.millrace.google.MessageData;
import io.millrace.google.MessageFormat;
import io.millrace.google.OnDemand;
import io.millrace.limit.SingleFlight;
import io.millrace.store.MessageRow;
import io.millrace.store.MessageRows;
import io.millrace.store.MessageRows.AttachmentRow;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;

/**
 * Answers the body of an attachment: the stored one, or, if the policy says so, the one that is
 * fetched from Google by an urgent call and stored for good. Thread-safe; futures complete on the
 * caller's context and fail only if the database does.
 */
public final class AttachmentReader {
  private record Place(long user, String message, String partId) {}

  /**
   * What can be answered.
   *
   * @param attachment null if it cannot be had
   * @param lacking why, in a sentence; null if it is there
   */
  public record Reading(AttachmentRow attachment, String lacking) {}

  private final Vertx vertx;
  private final AttachmentSettings settings;
  private final MessageReader messages;
  private final MessageRows rows;
  private final OnDemand google;
  private final SingleFlight<Place, Optional<Reading>> flights = new SingleFlight<>();

  /** Reads through a reader of messages, which it may have fetch the message itself. */
  public AttachmentReader(
      Vertx vertx,
      AttachmentSettings settings,
      MessageReader messages,
      MessageRows rows,
      OnDemand google) {
    this.vertx = vertx;
    this.settings = settings;
    this.messages = messages;
    this.rows = rows;
    this.google = google;
  }

  /**
   * The attachment at a place in a message; empty if there is no such message or place.
   *
   * @param partId as the list of the message's attachments has it, such as {@code 1.2}
   */
  public Future<Optional<Reading>> read(long user, String message, String partId) {
    return flights.join(
        new Place(user, message, partId),
        () ->
            rows.attachment(user, message, partId)
                .compose(
                    stored ->
                        stored.isPresent()
                            ? Future.succeededFuture(stored.map(a -> new Reading(a, null)))
                            : fetch(new Place(user, message, partId))));
  }

  private Future<Optional<Reading>> fetch(Place place) {
    if (!settings.fetched()) {
      return lacking("Attachments are listed only: attachments.bodies is \"list\".");
    }
    return messages
        .read(place.user(), place.message(), MessageFormat.FULL)
        .compose(
            read -> {
              if (read.isEmpty()) {
                return Future.succeededFuture(Optional.<Reading>empty());
              }
              MessageRow row = read.get().message();
              if (row.deleted() || read.get().lacking() != null) {
                return lacking(
                    row.deleted()
                        ? "The message was deleted from the mailbox."
                        : read.get().lacking());
              }
              return find(row.payload(), place)
                  .compose(
                      found ->
                          found.isEmpty()
                              ? Future.succeededFuture(Optional.<Reading>empty())
                              : body(place, found.get()));
            })
        .recover(e -> lacking(MessageReader.sentence(e)));
  }

  private Future<Optional<StoredAttachments.Found>> find(byte[] payload, Place place) {
    return vertx.executeBlocking(() -> StoredAttachments.find(payload, place.partId()), false);
  }

  private Future<Optional<Reading>> body(Place place, StoredAttachments.Found found) {
    if (found.attachment().size() > settings.maxBytes()) {
      return tooLarge(found.attachment().size());
    }
    if (found.given() != null) {
      return keep(place, found.attachment(), found.given());
    }
    if (found.attachment().attachmentId() == null) {
      return lacking("Google gave no body for it.");
    }
    return google
        .attachment(place.user(), place.message(), found.attachment().attachmentId())
        .recover(e -> outdated(e) ? again(place) : Future.failedFuture(e))
        .compose(
            data ->
                (data.bytes().length > settings.maxBytes()
                        ? tooLarge(data.bytes().length)
                        : keep(place, found.attachment(), data.bytes()))
                    .onComplete(v -> google.release(data)));
  }

  /** The ids of attachments are good for some time only; the message gives new ones. */
  private Future<AttachmentData> again(Place place) {
    return google
        .message(place.user(), place.message(), MessageFormat.FULL)
        .compose(message -> find(message, place))
        .compose(
            fresh ->
                fresh.isEmpty() || fresh.get().attachment().attachmentId() == null
                    ? Future.failedFuture(new GoogleException(new NotFound()))
                    : google.attachment(
                        place.user(), place.message(), fresh.get().attachment().attachmentId()));
  }

  private Future<Optional<StoredAttachments.Found>> find(MessageData message, Place place) {
    return find(message.payload(), place).onComplete(v -> google.release(message));
  }

  private static boolean outdated(Throwable e) {
    return e instanceof GoogleException g
        && (g.failure() instanceof BadRequest || g.failure() instanceof NotFound);
  }

  private Future<Optional<Reading>> keep(Place place, Attachment listed, byte[] bytes) {
    AttachmentRow row =
        new AttachmentRow(listed.partId(), listed.filename(), listed.mimeType(), bytes);
    return rows.keep(place.user(), place.message(), row).map(Optional.of(new Reading(row, null)));
  }

  private Future<Optional<Reading>> tooLarge(long bytes) {
    return lacking(
        "It has %d bytes, more than attachments.maxBytes, which is %d."
            .formatted(bytes, settings.maxBytes()));
  }

  private static Future<Optional<Reading>> lacking(String why) {
    return Future.succeededFuture(Optional.of(new Reading(null, why)));
  }
}
