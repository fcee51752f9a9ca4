package io.millrace.pipeline;

import io.millrace.engine.JobContext;
import io.millrace.engine.JobHandler;
import io.millrace.engine.Outcome;
import io.millrace.store.Interactions;
import io.millrace.store.Mailboxes;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The kind {@code extract_contacts}: merges who took part in a batch of interactions into the
 * user's contacts. The merge and this job's end commit together, so that nothing is counted twice.
 */
public final class ExtractContacts implements JobHandler<ExtractContacts.Payload> {
  /** The kind's name. */
  public static final String KIND = "extract_contacts";

  /**
   * Which interactions.
   *
   * @param ids of messages of the job's user whose interactions have not been counted yet
   */
  public record Payload(List<String> ids) {}

  private final Mailboxes mailboxes;
  private final Interactions interactions;

  /** Works on the given tables. */
  public ExtractContacts(Mailboxes mailboxes, Interactions interactions) {
    this.mailboxes = mailboxes;
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
    return Future.all(
            mailboxes.load(job.user()), interactions.seen(job.user(), job.payload().ids()))
        .compose(
            read -> {
              Optional<Mailboxes.Mailbox> mailbox = read.resultAt(0);
              List<Interactions.Seen> seen = read.resultAt(1);
              List<Interactions.Contact> contacts =
                  ContactMerge.of(
                          seen.stream().map(ExtractContacts::sighting).toList(),
                          mailbox.map(Mailboxes.Mailbox::email).orElse(null))
                      .stream()
                      .map(ExtractContacts::row)
                      .toList();
              return job.write(
                  tx ->
                      interactions
                          .merge(tx.connection(), job.user(), contacts)
                          .compose(v -> tx.complete(null)));
            })
        .map(new Outcome.Completed(null));
  }

  private static ContactMerge.Seen sighting(Interactions.Seen seen) {
    return new ContactMerge.Seen(
        Instant.ofEpochMilli(seen.at()),
        Direction.valueOf(seen.direction().toUpperCase(Locale.ROOT)),
        InteractionJson.participants(seen.participants()));
  }

  private static Interactions.Contact row(ContactChange change) {
    return new Interactions.Contact(
        change.address(),
        change.name(),
        change.firstSeen().toEpochMilli(),
        change.lastSeen().toEpochMilli(),
        change.inbound(),
        change.outbound());
  }
}
