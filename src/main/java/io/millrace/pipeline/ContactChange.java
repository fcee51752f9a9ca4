package io.millrace.pipeline;

import java.time.Instant;

/**
 * What some interactions add to one contact of a mailbox.
 *
 * @param address normalised, never null; the contact's key
 * @param name the best name seen, or null
 * @param firstSeen earliest interaction that names the address
 * @param lastSeen latest interaction that names the address
 * @param inbound received messages that the address wrote
 * @param outbound sent messages that were addressed to it
 */
record ContactChange(
    String address, String name, Instant firstSeen, Instant lastSeen, int inbound, int outbound) {}
