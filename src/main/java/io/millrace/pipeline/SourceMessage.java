package io.millrace.pipeline;

import java.util.List;

/**
 * One message as Gmail gave it and the database keeps it: what {@link EmailNormalizer} reads.
 *
 * @param id Gmail's message id
 * @param threadId Gmail's thread id
 * @param labelIds Gmail's label ids, such as {@code INBOX}
 * @param snippet Gmail's short preview; never used as text
 * @param internalDate milliseconds since 1970 as Gmail sorts by, 0 when absent
 * @param sizeEstimate bytes of the whole message by Gmail's estimate
 * @param payload JSON text (UTF-8, inflated) of Gmail's {@code payload} object; empty with format
 *     minimal, and nothing is assumed about its form. Not copied: the owner must not change it
 */
@SuppressWarnings("ArrayRecordComponent") // Held for one call; equality of messages is never asked.
record SourceMessage(
    String id,
    String threadId,
    List<String> labelIds,
    String snippet,
    long internalDate,
    int sizeEstimate,
    byte[] payload) {}
