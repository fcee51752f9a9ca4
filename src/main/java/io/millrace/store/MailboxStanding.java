package io.millrace.store;

import java.time.Instant;

/**
 * How a mailbox and its sync stand in the database, read in one statement: what an answer to "why
 * does it wait?" is made from.
 *
 * @param now by the database's clock
 * @param syncedAt when the mailbox was last found in step; null if it never was
 * @param trouble what the user or the operator must do, as the last sync said it; null if nothing
 * @param pause null while nobody has paused it
 * @param grant how Google lets us in
 * @param sync the live job that syncs it; null if there is none
 * @param run the pass that this job is at; null if it has not begun one
 * @param givenUp messages that its last full run could not fetch
 * @param dead the last dead letter of its syncs; null if there is none
 * @param closed until when Google wants no call; null if it named no instant that is ahead
 */
public record MailboxStanding(
    long user,
    String email,
    Instant now,
    Instant syncedAt,
    String trouble,
    Pause pause,
    Access grant,
    Sync sync,
    Run run,
    long givenUp,
    Dead dead,
    Closed closed) {

  /**
   * Somebody paused it.
   *
   * @param why a few words, or null
   */
  public record Pause(Instant since, String why) {}

  /** Whether and how Google lets us in. */
  public enum Permission {
    /** Nobody has connected the mailbox yet. */
    NEVER,
    /** It was disconnected. */
    GIVEN_UP,
    /** Google accepts the grant no longer. */
    ENDED,
    /** It has one. */
    GIVEN
  }

  /**
   * The permission.
   *
   * @param since null where nobody can tell
   * @param reason why Google accepts it no longer; null otherwise
   */
  public record Access(Permission permission, Instant since, String reason) {}

  /**
   * The live job.
   *
   * @param state ready, aside, scheduled, waiting or running; lost if its worker does not answer
   * @param since when it became ready, or began to run; of one that was postponed, when its run
   *     last left something; null if it is scheduled and never ran
   * @param until when it will be ready, or its run is given up; null where nobody can tell
   * @param why what it is scheduled for: delay, retry, or the words of whoever postponed it; null
   *     if it is not
   * @param failures attempts spent
   * @param failure how the last attempt failed, in a sentence; null if none has
   * @param failedAt when; null if none has
   */
  public record Sync(
      long job,
      String state,
      Instant since,
      Instant until,
      String why,
      int failures,
      String failure,
      Instant failedAt) {}

  /**
   * A pass over the mailbox.
   *
   * @param phase list, history, recount, labels or sweep
   * @param estimate messages in the mailbox when it began; 0 for one that only follows changes
   * @param listed ids whose fate is known
   * @param pending ids that are listed and deferred to later fetches
   */
  public record Run(
      String phase, boolean full, Instant startedAt, long estimate, long listed, long pending) {}

  /** A sync that failed for good. */
  public record Dead(long job, Instant since, String sentence) {}

  /**
   * Google closed the quota.
   *
   * @param everybody whether for all mailboxes
   */
  public record Closed(Instant until, boolean everybody) {}
}
