package io.millrace.pipeline;

import io.millrace.google.MessageFormat;
import java.time.Duration;
import java.util.List;

/**
 * How mailboxes are read: configuration section {@code gmail}.
 *
 * @param format how much of each message is fetched where the lanes say nothing
 * @param includeSpamTrash whether messages in spam and trash are wanted
 * @param pageSize ids in a page of a listing, 1 to 500
 * @param batchParts messages in one request at the most, 1 to 50
 * @param writeBatch messages in one transaction at the most, 1 to 1,000
 * @param inflightBytes bytes of answers held in memory at the most, over all mailboxes
 * @param maxResponseBytes an answer longer than this is cut off and its messages fetched singly,
 *     then without their bodies
 * @param slice how long a sync runs before it lets others have its slot
 * @param messageAttempts fetches of one message before it is given up, at least 3
 * @param pollEvery how often a mailbox that is in sync is looked at again; zero is never
 * @param lanes which messages are wanted, and how much of each
 * @param metadataHeaders the headers that are fetched with the format metadata; empty for all
 */
public record GmailSettings(
    MessageFormat format,
    boolean includeSpamTrash,
    int pageSize,
    int batchParts,
    int writeBatch,
    long inflightBytes,
    long maxResponseBytes,
    Duration slice,
    int messageAttempts,
    Duration pollEvery,
    Lanes lanes,
    List<String> metadataHeaders) {
  /** One lane for all of a mailbox, and all headers. */
  public GmailSettings(
      MessageFormat format,
      boolean includeSpamTrash,
      int pageSize,
      int batchParts,
      int writeBatch,
      long inflightBytes,
      long maxResponseBytes,
      Duration slice,
      int messageAttempts,
      Duration pollEvery) {
    this(
        format,
        includeSpamTrash,
        pageSize,
        batchParts,
        writeBatch,
        inflightBytes,
        maxResponseBytes,
        slice,
        messageAttempts,
        pollEvery,
        Lanes.everything(format),
        List.of());
  }

  /** A copy with other lanes. */
  public GmailSettings withLanes(Lanes other) {
    return new GmailSettings(
        format,
        includeSpamTrash,
        pageSize,
        batchParts,
        writeBatch,
        inflightBytes,
        maxResponseBytes,
        slice,
        messageAttempts,
        pollEvery,
        other,
        metadataHeaders);
  }
}
