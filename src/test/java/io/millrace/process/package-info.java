/**
 * Millrace as people run it: the packaged jar in processes of its own, started, watched, killed and
 * started again.
 *
 * <p>{@link io.millrace.process.MillraceProcess} is one such process; {@code Workplace} gives each
 * test a directory and ends what it started; {@code KeptData} looks into a database afterwards.
 */
package io.millrace.process;
