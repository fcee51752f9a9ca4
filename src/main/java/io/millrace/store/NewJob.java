package io.millrace.store;

import java.time.Instant;

/**
 * A job to be enqueued.
 *
 * @param user whose job it is
 * @param kind the name of its kind
 * @param priority −10 to 10; each step counts as a minute of waiting
 * @param payload JSON, at most 5 MiB
 * @param dedupKey at most one live job of this user holds this key; null for none
 * @param runAt the earliest start, null for now
 * @param trace the W3C trace parent of what caused it, or null
 */
public record NewJob(
    long user,
    String kind,
    int priority,
    String payload,
    String dedupKey,
    Instant runAt,
    String trace) {
  /** The most bytes that a payload may have. */
  public static final int MAX_PAYLOAD_BYTES = 5 << 20;

  /** Checks the priority. */
  public NewJob {
    if (priority < -10 || priority > 10) {
      throw new IllegalArgumentException(
          "The priority of a job is between -10 and 10, not " + priority + ".");
    }
  }

  /** A job that no trace is known of. */
  public NewJob(
      long user, String kind, int priority, String payload, String dedupKey, Instant runAt) {
    this(user, kind, priority, payload, dedupKey, runAt, null);
  }

  /** A job of ordinary priority that may start at once. */
  public static NewJob of(long user, String kind, String payload) {
    return new NewJob(user, kind, 0, payload, null, null);
  }

  /** The same job with a dedup key. */
  public NewJob once(String key) {
    return new NewJob(user, kind, priority, payload, key, runAt, trace);
  }

  /** The same job, not before an instant. */
  public NewJob at(Instant instant) {
    return new NewJob(user, kind, priority, payload, dedupKey, instant, trace);
  }

  /** The same job as part of a trace. */
  public NewJob traced(String traceParent) {
    return new NewJob(user, kind, priority, payload, dedupKey, runAt, traceParent);
  }
}
