package io.millrace.google;

import java.util.List;

/**
 * A message as Google gave it. Texts contain no NUL.
 *
 * <p>Its bytes are charged to the client's {@link io.millrace.limit.ByteBudget} with {@link
 * #heldBytes()}: whoever gets it gives exactly that back, once, when it is stored or dropped (see
 * {@link GmailClient#release}).
 *
 * @param id unique within the mailbox
 * @param threadId its own id if Google named none
 * @param labelIds empty if it has none
 * @param snippet a short part of the text; may be empty
 * @param historyId unsigned 64-bit number as text; null if Google named none
 * @param internalDate epoch milliseconds, within what a PostgreSQL timestamp can hold
 * @param sizeEstimate bytes
 * @param payload zlib-deflated JSON text of Gmail's {@code payload}, UTF-8; empty if there was none
 * @param format in which it was fetched
 * @param bodyOmitted true if it is less than was asked for, because the whole was too large
 * @param jsonBytes length of the message's JSON text
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody, and a copy would double the mail.
public record MessageData(
    String id,
    String threadId,
    List<String> labelIds,
    String snippet,
    String historyId,
    long internalDate,
    int sizeEstimate,
    byte[] payload,
    MessageFormat format,
    boolean bodyOmitted,
    int jsonBytes) {
  /** About what the small fields and their objects take. */
  private static final int FIXED = 512;

  /** What this message is charged for in the byte budget. The same at every call. */
  public long heldBytes() {
    return FIXED + 2L * snippet.length() + payload.length;
  }

  MessageData withBodyOmitted() {
    return new MessageData(
        id,
        threadId,
        labelIds,
        snippet,
        historyId,
        internalDate,
        sizeEstimate,
        payload,
        format,
        true,
        jsonBytes);
  }
}
