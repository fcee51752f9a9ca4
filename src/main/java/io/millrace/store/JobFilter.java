package io.millrace.store;

import java.time.OffsetDateTime;

/**
 * Which unfinished jobs an operator means. What is null does not matter.
 *
 * @param kind the name of a kind
 * @param user whose jobs
 * @param batch the batch that they belong to
 * @param until enqueued before this instant
 * @param upTo the highest id that is meant
 */
public record JobFilter(String kind, Long user, Long batch, OffsetDateTime until, Long upTo) {
  /** Whenever they were enqueued. */
  public JobFilter(String kind, Long user, Long batch) {
    this(kind, user, batch, null, null);
  }
}
