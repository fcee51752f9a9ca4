package io.millrace.store;

import java.time.OffsetDateTime;

/**
 * The end of a job, as the stream of committed changes tells it.
 *
 * @param xid the transaction that ended it; with the id its place in the stream
 * @param state completed, skipped, cancelled or dead
 * @param readyAt when it last became ready; null if it never ran, or is dead
 * @param startedAt when its last run began; null in the same cases
 */
public record Change(
    String xid,
    long id,
    long user,
    String kind,
    String state,
    int run,
    int failures,
    OffsetDateTime at,
    OffsetDateTime readyAt,
    OffsetDateTime startedAt) {}
