package io.millrace.pipeline;

import io.millrace.pipeline.MessagePart.Header;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns Gmail's JSON of one message into an {@link Interaction}.
 *
 * <p>Pure, thread-safe and total: whatever the input, there is an answer, and its flaws say what
 * could not be understood. Time and memory are linear in the input, and the output is bounded.
 */
final class EmailNormalizer {
  static final int MAX_SUBJECT = 2_000;
  static final int MAX_PARTICIPANTS = 1_000;
  static final int MAX_ATTACHMENTS = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(EmailNormalizer.class);
  private static final int MAX_ID = 255;

  /** The years 1 to 9999: what every reader of the database can show. */
  private static final long EARLIEST = Instant.parse("0001-01-01T00:00:00Z").toEpochMilli();

  private static final long LATEST = Instant.parse("9999-12-31T00:00:00Z").toEpochMilli();

  private EmailNormalizer() {}

  /**
   * @param mailboxAddress whose mailbox it is, for the direction; may be null
   */
  static Interaction normalize(SourceMessage message, String mailboxAddress) {
    Flaws flaws = new Flaws();
    try {
      return normalize(message, AddressForm.normalize(mailboxAddress), flaws);
    } catch (RuntimeException | StackOverflowError e) {
      // Not known to happen. One message must not stop a mailbox.
      LOG.warn("message {} could not be normalised", message == null ? null : message.id(), e);
      flaws.add("internal:" + e.getClass().getSimpleName());
      return empty(message, flaws);
    }
  }

  private static Interaction normalize(SourceMessage message, String mailbox, Flaws flaws) {
    MessagePart root = PayloadReader.read(message.payload(), flaws);
    List<Participant> participants = participants(root, flaws);
    BodyText.Result text = new BodyText(flaws).of(root);
    List<String> replyTo = ThreadIds.of(root.first(Header.IN_REPLY_TO), 1);
    List<String> ids = ThreadIds.of(root.first(Header.MESSAGE_ID), 1);
    List<String> labels = message.labelIds() == null ? List.of() : message.labelIds();
    String subject = EncodedWords.decode(Clean.orEmpty(root.first(Header.SUBJECT)), flaws);
    return new Interaction(
        id(message.id()),
        id(message.threadId()),
        at(message, root, flaws),
        Direction.of(labels, participants, mailbox),
        Clean.line(subject, MAX_SUBJECT),
        participants,
        text.text(),
        text.truncated(),
        AttachmentList.of(root, flaws),
        ids.isEmpty() ? null : ids.get(0),
        replyTo.isEmpty() ? null : replyTo.get(0),
        ThreadIds.of(root.first(Header.REFERENCES), ThreadIds.MAX),
        flaws.list());
  }

  private static List<Participant> participants(MessagePart root, Flaws flaws) {
    List<Participant> out = new ArrayList<>();
    for (Role role : Role.values()) {
      for (String value : root.all(Header.valueOf(role.name()))) {
        for (Address address : AddressParser.parse(value, MAX_PARTICIPANTS - out.size(), flaws)) {
          out.add(new Participant(role, address));
        }
      }
    }
    return List.copyOf(out);
  }

  private static Instant at(SourceMessage message, MessagePart root, Flaws flaws) {
    long millis = message.internalDate();
    if (millis != 0 && millis >= EARLIEST && millis <= LATEST) {
      return Instant.ofEpochMilli(millis);
    }
    Instant date = MailDate.parse(root.first(Header.DATE));
    if (date != null
        && date.getEpochSecond() >= EARLIEST / 1_000
        && date.getEpochSecond() <= LATEST / 1_000) {
      flaws.add("internal-date");
      return date;
    }
    flaws.add("date-missing");
    return Instant.EPOCH;
  }

  private static String id(String id) {
    return Clean.line(Clean.orEmpty(id), MAX_ID);
  }

  private static Interaction empty(SourceMessage message, Flaws flaws) {
    return new Interaction(
        message == null ? "" : id(message.id()),
        message == null ? "" : id(message.threadId()),
        Instant.EPOCH,
        Direction.UNKNOWN,
        "",
        List.of(),
        "",
        false,
        List.of(),
        null,
        null,
        List.of(),
        flaws.list());
  }
}
