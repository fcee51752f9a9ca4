package io.millrace.store;

import java.time.LocalDate;

/**
 * A job that a worker has claimed and must bring to an outcome.
 *
 * @param day the partition of its body
 * @param rank its place in the order of its kind
 * @param failures attempts spent so far
 * @param payload JSON, as enqueued
 * @param options JSON of {@link JobOptions}, or null
 * @param checkpoint JSON that an earlier run left, or null
 * @param attempts JSON array of how earlier attempts failed, or null
 */
public record ClaimedJob(
    RunKey key,
    LocalDate day,
    String kind,
    long rank,
    int failures,
    String payload,
    String options,
    String checkpoint,
    String attempts) {}
