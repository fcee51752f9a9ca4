package io.millrace.pipeline;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Sums up interactions by the people in them.
 *
 * <p>Pure and independent of the order of its input. An interaction counts once for an address, in
 * how many headers it may stand: as inbound when a received message was written by it (From, Sender
 * or Reply-To), as outbound when a sent message was addressed to it. Who is merely copied on a
 * received message, or stands in a draft, is a contact that has been seen and counts nothing.
 */
final class ContactMerge {
  private ContactMerge() {}

  /** What is needed of an interaction here. */
  interface Sighting {
    Instant at();

    Direction direction();

    List<Participant> participants();
  }

  /** An interaction as read back from the database without its text. */
  record Seen(Instant at, Direction direction, List<Participant> participants)
      implements Sighting {}

  /**
   * One change for each normalised address, the mailbox itself left out.
   *
   * @param mailboxAddress may be null, then nobody is left out
   * @return sorted by address, which is the order in which rows are locked
   */
  static List<ContactChange> of(
      Collection<? extends Sighting> interactions, String mailboxAddress) {
    String mailbox = AddressForm.normalize(mailboxAddress);
    Map<String, Contact> contacts = new TreeMap<>();
    Map<String, EnumSet<Role>> roles = new HashMap<>();
    for (Sighting sighting : interactions) {
      roles.clear();
      for (Participant participant : sighting.participants()) {
        String address = participant.address().address();
        if (address == null || address.equals(mailbox)) {
          continue;
        }
        roles.computeIfAbsent(address, a -> EnumSet.noneOf(Role.class)).add(participant.role());
        contacts
            .computeIfAbsent(address, a -> new Contact(sighting.at()))
            .name(participant, sighting.at());
      }
      roles.forEach((address, in) -> contacts.get(address).count(sighting, in));
    }
    List<ContactChange> out = new ArrayList<>(contacts.size());
    contacts.forEach((address, contact) -> out.add(contact.change(address)));
    return List.copyOf(out);
  }

  private static final class Contact {
    private Instant first;
    private Instant last;
    private int inbound;
    private int outbound;
    private String name;
    private boolean nameIsOwn;
    private Instant nameAt;

    Contact(Instant at) {
      first = at;
      last = at;
    }

    void count(Sighting sighting, EnumSet<Role> roles) {
      first = sighting.at().isBefore(first) ? sighting.at() : first;
      last = sighting.at().isAfter(last) ? sighting.at() : last;
      if (sighting.direction() == Direction.INBOUND && roles.stream().anyMatch(Role::author)) {
        inbound++;
      }
      if (sighting.direction() == Direction.OUTBOUND && roles.stream().anyMatch(Role::recipient)) {
        outbound++;
      }
    }

    /** A name that people give themselves beats one that others gave them, then the newer one. */
    void name(Participant participant, Instant at) {
      String given = participant.address().name();
      if (given == null || given.equalsIgnoreCase(participant.address().address())) {
        return;
      }
      boolean own = participant.role() == Role.FROM;
      boolean better =
          name == null
              || (own != nameIsOwn
                  ? own
                  : at.equals(nameAt) ? given.compareTo(name) > 0 : at.isAfter(nameAt));
      if (better) {
        name = given;
        nameIsOwn = own;
        nameAt = at;
      }
    }

    ContactChange change(String address) {
      return new ContactChange(address, name, first, last, inbound, outbound);
    }
  }
}
