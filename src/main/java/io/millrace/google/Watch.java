package io.millrace.google;

import java.time.Instant;

/**
 * Gmail's promise to tell a topic when a mailbox changes.
 *
 * @param historyId where the mailbox stood when the promise was given: unsigned, 64 bits
 * @param expires when Gmail forgets it, if it is not renewed: after about seven days
 */
public record Watch(String historyId, Instant expires) {}
