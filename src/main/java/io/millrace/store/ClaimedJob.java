package io.millrace.store;

import java.time.LocalDate;

/**
 * A job that a worker has claimed and must bring to an outcome.
 *
 * @param day the partition of its body
 * @param rank its place in the order of its kind
 * @param failures attempts spent so far
 * @param payload JSON, as enqueued
 * @param checkpoint JSON that an earlier run left, or null
 * @param trace the W3C trace parent that it was enqueued with, or null
 * @param remainingMs milliseconds from the claim to the job's own deadline, both by the database's
 *     clock; null if it has none
 * @param attempts JSON array of the last failed attempts, oldest first, or null
 */
public record ClaimedJob(
    RunKey key,
    LocalDate day,
    String kind,
    long rank,
    int failures,
    String payload,
    String checkpoint,
    String trace,
    Long remainingMs,
    String attempts) {
  /** A job without trace, deadline and failed attempts. */
  public ClaimedJob(
      RunKey key, LocalDate day, String kind, int failures, String payload, String checkpoint) {
    this(key, day, kind, 0, failures, payload, checkpoint, null, null, null);
  }
}
