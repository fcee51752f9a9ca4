package io.millrace.pipeline;

import java.util.List;

/**
 * Someone named in a message's headers.
 *
 * @param role where they are named
 * @param address who they are; never null
 */
record Participant(Role role, Address address) {

  /** Writes a list as compact JSON, an array of objects that leave out what is null. */
  static String toJson(List<Participant> participants) {
    return InteractionJson.participants(participants);
  }

  /**
   * Reads what {@link #toJson} wrote. Total: what is not of that form is left out, so that one bad
   * row never stops the contacts of a mailbox.
   *
   * @param json may be null
   */
  static List<Participant> fromJson(String json) {
    return InteractionJson.participants(json);
  }
}
