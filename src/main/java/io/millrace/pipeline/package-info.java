/**
 * The kinds of jobs, one handler each: sync a mailbox, normalise its mail, extract contacts.
 *
 * <p>Start with {@link io.millrace.pipeline.GmailSync}: {@code MailboxPass} is its loop, {@code
 * SyncLedger} its commits, {@code MessageWriter} the end of its stream. {@code EmailNormalizer} is
 * the door to the code that makes interactions of Gmail's JSON.
 */
package io.millrace.pipeline;
