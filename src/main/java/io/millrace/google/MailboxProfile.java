package io.millrace.google;

/**
 * The state of a mailbox.
 *
 * @param email its address
 * @param historyId the cursor of now: an unsigned 64-bit number as text
 * @param messagesTotal how many messages Google counts
 */
public record MailboxProfile(String email, String historyId, long messagesTotal) {}
