package io.millrace.pipeline;

import java.util.List;
import java.util.Set;

/** Which way a message went, seen from the mailbox that holds it. */
enum Direction {
  /** Someone else wrote it and the mailbox received it. */
  INBOUND,
  /** The mailbox's owner sent it. */
  OUTBOUND,
  /** From the mailbox to itself and nobody else. */
  SELF,
  /** A draft, or neither label nor sender tells. */
  UNKNOWN;

  /** Labels that only received mail carries, whoever the sender claims to be. */
  private static final Set<String> RECEIVED = Set.of("INBOX", "SPAM", "UNREAD", "IMPORTANT");

  /**
   * Judges by labels first: SENT is Gmail's own word, while an alias in From need not be the
   * mailbox's address.
   *
   * @param mailbox the mailbox's normalised address, or null when it is not known
   */
  static Direction of(List<String> labels, List<Participant> participants, String mailbox) {
    if (labels.contains("DRAFT")) {
      return UNKNOWN;
    }
    boolean anyFrom = false;
    boolean fromMailbox = false;
    boolean toMailbox = false;
    boolean toOthers = false;
    for (Participant participant : participants) {
      String address = participant.address().address();
      boolean mine = address != null && address.equals(mailbox);
      if (participant.role() == Role.FROM) {
        anyFrom |= address != null;
        fromMailbox |= mine;
      } else if (participant.role().recipient()) {
        toMailbox |= mine;
        toOthers |= !mine;
      }
    }
    boolean sent = labels.contains("SENT");
    if (sent || fromMailbox) {
      boolean back = toMailbox && !toOthers;
      return back && (fromMailbox || labels.contains("INBOX")) ? SELF : OUTBOUND;
    }
    boolean received = mailbox != null && anyFrom;
    return received || labels.stream().anyMatch(RECEIVED::contains) ? INBOUND : UNKNOWN;
  }
}
