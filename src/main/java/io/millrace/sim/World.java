package io.millrace.sim;

import java.util.List;

/** Everything that the requests of all event loops share; each part is safe from any thread. */
record World(
    SimOptions options,
    SimClock clock,
    List<Mailbox> mailboxes,
    Quota quota,
    Tokens tokens,
    Meter meter,
    Gmail gmail,
    PubSub pubSub,
    BadIds badIds) {

  /**
   * Ids that the seed has spoilt for good, known before the first request.
   *
   * @param listed those that a list without spam and trash returns
   * @param all those with spam and trash
   */
  record BadIds(long listed, long all) {}

  /** The mailbox of an address, or null. */
  Mailbox mailbox(String email) {
    for (Mailbox mailbox : mailboxes) {
      if (mailbox.account().email().equalsIgnoreCase(email)) {
        return mailbox;
      }
    }
    return null;
  }

  SimReport report() {
    return SimReport.of(this);
  }
}
