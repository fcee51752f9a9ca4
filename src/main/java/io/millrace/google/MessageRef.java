package io.millrace.google;

/**
 * A message as it is listed.
 *
 * @param id unique within the mailbox
 * @param threadId the thread that it belongs to; the message's own id if Google named none
 */
public record MessageRef(String id, String threadId) {}
