package io.millrace.store;

import java.time.Instant;

/**
 * A job to be enqueued.
 *
 * @param user whose job it is
 * @param kind the name of its kind
 * @param priority −10 to 10; each step is worth ten thousand ordinary jobs of the same user
 * @param payload JSON, at most 5 MiB
 * @param dedupKey at most one live job of this user holds this key, 1 to 500 characters; null for
 *     none
 * @param runAt the earliest start, null for now
 * @param options what only some jobs need, never null
 */
public record NewJob(
    long user,
    String kind,
    int priority,
    String payload,
    String dedupKey,
    Instant runAt,
    JobOptions options) {
  /** The most bytes that a payload may have. */
  public static final int MAX_PAYLOAD_BYTES = 5 << 20;

  /** Checks the priority and the length of the key. */
  public NewJob {
    if (priority < -10 || priority > 10) {
      throw new IllegalArgumentException(
          "The priority of a job is between -10 and 10, not " + priority + ".");
    }
    if (dedupKey != null && (dedupKey.isEmpty() || dedupKey.length() > 500)) {
      throw new IllegalArgumentException(
          "A dedup key has 1 to 500 characters, not " + dedupKey.length() + ".");
    }
  }

  /** A job of a given priority without options. */
  public NewJob(
      long user, String kind, int priority, String payload, String dedupKey, Instant runAt) {
    this(user, kind, priority, payload, dedupKey, runAt, JobOptions.NONE);
  }

  /** A job of ordinary priority that may start at once. */
  public static NewJob of(long user, String kind, String payload) {
    return new NewJob(user, kind, 0, payload, null, null);
  }

  /** The same job with a dedup key. */
  public NewJob once(String key) {
    return new NewJob(user, kind, priority, payload, key, runAt, options);
  }

  /** The same job, not before an instant. */
  public NewJob at(Instant instant) {
    return new NewJob(user, kind, priority, payload, dedupKey, instant, options);
  }

  /** The same job with a priority. */
  public NewJob priority(int step) {
    return new NewJob(user, kind, step, payload, dedupKey, runAt, options);
  }

  /** The same job as part of a trace. */
  public NewJob traced(String traceParent) {
    return with(options.trace(traceParent));
  }

  /** Whether it has neither key nor start nor options. */
  public boolean plain() {
    return dedupKey == null && runAt == null && options.encode() == null;
  }

  /** The W3C trace parent of what caused it, or null. */
  public String trace() {
    return options.trace();
  }

  /** The same job with options. */
  public NewJob with(JobOptions wanted) {
    return new NewJob(user, kind, priority, payload, dedupKey, runAt, wanted);
  }
}
