package io.millrace.pipeline;

import java.time.Instant;
import java.util.Objects;

/**
 * Why nothing is fetched for a mailbox at this moment, or what is being done for it: one answer,
 * the nearest cause, for people and machines alike.
 *
 * @param user whose mailbox
 * @param reason never null
 * @param sentence the same for a person, with what is known beside it; never null
 * @param until when the wait is over as far as anybody can tell, which may be an estimate for a
 *     sync that runs; null where nobody can
 * @param since when it began; null where nobody can tell
 * @param action what somebody could do about it; never null
 * @param remedy the same in a sentence; null if there is nothing to do but wait
 * @param job the sync, or the dead letter, that it is about; null if there is none
 * @param progress how far the pass over the mailbox is; null if none is under way
 */
public record MailboxWait(
    long user,
    Reason reason,
    String sentence,
    Instant until,
    Instant since,
    Action action,
    String remedy,
    Long job,
    Progress progress) {
  /** Refuses an answer that says nothing. */
  public MailboxWait {
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(sentence, "sentence");
    Objects.requireNonNull(action, "action");
  }

  /** What is waited for. */
  public enum Reason {
    /** Nobody has connected the mailbox. */
    NOT_CONNECTED,
    /** It was disconnected. */
    DISCONNECTED,
    /** Google accepts its grant no longer. */
    GRANT_ENDED,
    /** Somebody paused it. */
    PAUSED,
    /** Its sync runs. */
    SYNCING,
    /** It is in step, and looked at again at a time. */
    IN_STEP,
    /** It is in step but for messages that could not be fetched. */
    INCOMPLETE,
    /** A try failed; the next one has its time. */
    RETRY,
    /** The user's units of a minute are spent. */
    USER_QUOTA,
    /** The project's units of a minute are spent, or others are due first. */
    PROJECT_QUOTA,
    /** The project's units of the day are spent. */
    DAY_QUOTA,
    /** Google wants no call before an instant that it named. */
    CLOSED_BY_GOOGLE,
    /** Google failed too often and is left alone. */
    BREAKER,
    /** No worker that lives knows the kind of job that syncs. */
    NO_WORKER,
    /** The kind or its queue is paused. */
    QUEUE_PAUSED,
    /** As many of the user's jobs run as may. */
    USER_LIMIT,
    /** As many syncs, or jobs of their queue, run as may. */
    KIND_LIMIT,
    /** It could run; others come first, or a slot is about to take it. */
    TURN,
    /** It stands behind other jobs that have to be done first. */
    PARENTS,
    /** It was put off to a time for a reason that its sentence tells. */
    DELAYED,
    /** Its sync failed for good. */
    DEAD,
    /** No sync of it is enqueued. */
    NOT_STARTED
  }

  /** What somebody could do. */
  public enum Action {
    /** Nothing but wait. */
    WAIT,
    /** Connect the mailbox, once more or for the first time. */
    CONNECT,
    /** Resume the mailbox. */
    RESUME,
    /** Enqueue a sync. */
    SYNC,
    /** Enqueue a sync that recounts, which asks again for what could not be fetched. */
    RECOUNT,
    /** Redrive the dead letter. */
    REDRIVE,
    /** Start a process that works, or look why none lives. */
    START_WORKER,
    /** Resume the kind or the queue. */
    RESUME_QUEUE,
    /** Raise the limit. */
    RAISE_LIMIT
  }

  /**
   * How far a pass over the mailbox is, as committed.
   *
   * @param phase list, history, recount, labels or sweep
   * @param listed ids whose fate is known
   * @param deferred ids that are listed and still to be fetched
   * @param estimate messages in the mailbox when the pass began; 0 for one that only follows
   *     changes
   * @param perSecond ids a second lately; 0 if nothing is known
   * @param end when the listing will be done at this rate; null if nobody can tell
   */
  public record Progress(
      String phase, long listed, long deferred, long estimate, double perSecond, Instant end) {}
}
