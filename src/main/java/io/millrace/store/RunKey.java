package io.millrace.store;

/**
 * What names a run for good: of all claims of a job, one.
 *
 * @param run counts the claims of the job and never decreases
 */
public record RunKey(long user, long id, int run) {}
