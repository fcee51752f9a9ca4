/**
 * Jobs of any kind: claimed, run, settled, and taken back from the dead.
 *
 * <p>A developer implements {@link io.millrace.engine.JobHandler} and returns an {@link
 * io.millrace.engine.Outcome}. To see a job's life, read {@link io.millrace.engine.Claimer} from
 * {@code look} to {@code released}, then {@link io.millrace.engine.JobRun}.
 */
package io.millrace.engine;
