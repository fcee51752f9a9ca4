package io.millrace;

/**
 * What {@code verify} is asked.
 *
 * @param mailbox its address
 * @param dryRun whether nothing is to be changed
 * @param json whether the report is one JSON object
 */
public record VerifyOptions(String mailbox, boolean dryRun, boolean json) {}
