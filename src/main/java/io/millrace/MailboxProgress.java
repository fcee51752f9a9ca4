package io.millrace;

import java.time.Duration;

/**
 * How far one mailbox is.
 *
 * @param mailbox its address
 * @param done ids that are accounted for
 * @param total an estimate of how many there are, 0 if nothing is known yet
 * @param state one or a few words, such as {@code syncing} or why it waits
 * @param perSecond messages in a second, lately
 * @param eta the time that is left, or null if nobody can tell
 */
public record MailboxProgress(
    String mailbox, long done, long total, String state, double perSecond, Duration eta) {}
