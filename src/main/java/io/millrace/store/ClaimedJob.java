package io.millrace.store;

import java.time.LocalDate;

/**
 * A job that a worker has claimed and must bring to an outcome.
 *
 * @param day the partition of its body
 * @param failures attempts spent so far
 * @param payload JSON, as enqueued
 * @param checkpoint JSON that an earlier run left, or null
 */
public record ClaimedJob(
    RunKey key, LocalDate day, String kind, int failures, String payload, String checkpoint) {}
