package io.millrace.console;

/**
 * One figure that may be beyond a threshold.
 *
 * @param subject which kind, process, check or user it is of; may be empty
 */
record Sample(AlertSource source, String subject, double value) {}
