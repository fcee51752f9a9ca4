package io.millrace.pipeline;

import io.millrace.engine.JobContext;
import io.millrace.engine.JobHandler;
import io.millrace.engine.Outcome;
import io.millrace.store.Interactions;
import io.millrace.store.Mailboxes;
import io.millrace.store.Messages;
import io.millrace.store.NewJob;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The kind {@code normalize_google_email}: makes interactions of a batch of stored messages, and
 * asks for their contacts. Interactions, the follow-up job and this job's end commit together.
 */
public final class NormalizeEmail implements JobHandler<NormalizeEmail.Payload> {
  /** The kind's name. */
  public static final String KIND = "normalize_google_email";

  /**
   * Which messages.
   *
   * @param ids of stored messages of the job's user, at most 1,000
   */
  public record Payload(List<String> ids) {}

  private final Vertx vertx;
  private final Mailboxes mailboxes;
  private final Messages messages;
  private final Interactions interactions;

  /** Works on the given tables. */
  public NormalizeEmail(
      Vertx vertx, Mailboxes mailboxes, Messages messages, Interactions interactions) {
    this.vertx = vertx;
    this.mailboxes = mailboxes;
    this.messages = messages;
    this.interactions = interactions;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public Class<Payload> payload() {
    return Payload.class;
  }

  @Override
  public Future<Outcome> run(JobContext<Payload> job) {
    return Future.all(mailboxes.load(job.user()), messages.read(job.user(), job.payload().ids()))
        .compose(
            read -> {
              Optional<Mailboxes.Mailbox> mailbox = read.resultAt(0);
              List<Messages.Stored> stored = read.resultAt(1);
              String address = mailbox.map(Mailboxes.Mailbox::email).orElse(null);
              // Parsing takes its time, so it is done beside the event loop, in any order.
              return vertx.executeBlocking(() -> written(stored, address), false);
            })
        .compose(rows -> rows.isEmpty() ? skipped() : write(job, rows));
  }

  private static Future<Outcome> skipped() {
    return Future.succeededFuture(new Outcome.Skipped("none of its messages is there"));
  }

  private Future<Outcome> write(JobContext<Payload> job, List<Interactions.Written> rows) {
    return job.write(
            tx ->
                interactions
                    .store(tx.connection(), job.user(), rows)
                    .compose(fresh -> tx.enqueue(contacts(job.user(), fresh)))
                    .compose(v -> tx.complete(null)))
        .map(new Outcome.Completed(null));
  }

  /** Contacts count each message once: one that is normalised again is not counted again. */
  private static List<NewJob> contacts(long user, List<String> fresh) {
    return fresh.isEmpty()
        ? List.of()
        : List.of(
            NewJob.of(
                user,
                ExtractContacts.KIND,
                new JsonObject().put("ids", new JsonArray(fresh)).encode()));
  }

  private static List<Interactions.Written> written(List<Messages.Stored> stored, String mailbox) {
    try (Inflate inflate = new Inflate()) {
      return stored.stream().map(m -> written(m, inflate.of(m.payload()), mailbox)).toList();
    }
  }

  private static Interactions.Written written(
      Messages.Stored message, byte[] payload, String mailbox) {
    Interaction made =
        EmailNormalizer.normalize(
            new SourceMessage(
                message.id(),
                message.threadId(),
                message.labelIds(),
                message.snippet(),
                message.internalDate(),
                message.sizeEstimate(),
                payload),
            mailbox);
    return new Interactions.Written(
        message.id(),
        made.threadId(),
        made.at().toEpochMilli(),
        made.direction().name().toLowerCase(Locale.ROOT),
        made.subject(),
        InteractionJson.participants(made.participants()),
        made.text(),
        made.textTruncated(),
        InteractionJson.attachments(made.attachments()),
        made.rfcMessageId(),
        made.inReplyTo(),
        made.references(),
        made.flaws());
  }
}
