package io.millrace.pipeline;

import io.millrace.google.CallRoom;
import io.millrace.limit.QuotaOutlook;
import io.millrace.pipeline.MailboxWait.Action;
import io.millrace.pipeline.MailboxWait.Progress;
import io.millrace.pipeline.MailboxWait.Reason;
import io.millrace.store.MailboxStanding;
import io.millrace.store.MailboxStanding.Sync;
import io.millrace.store.WaitReasons.Cause;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Of all that holds a mailbox back, finds the nearest cause and puts it into words: first what only
 * a person can mend, then its job, then what this process knows of Google. Pure.
 *
 * @param causes of the job that does not run, the nearest first
 * @param local what this process knows
 */
record WaitJudge(MailboxStanding at, List<Cause> causes, Local local) {
  /**
   * What only this process can tell.
   *
   * @param breaker until when it leaves Gmail alone; null if it does not
   * @param perSecond ids a second lately, 0 if the sync does not run here
   */
  record Local(QuotaOutlook quota, Instant breaker, CallRoom room, double perSecond) {}

  MailboxWait answer() {
    return switch (at.grant().permission()) {
      case NEVER ->
          person(
              Reason.NOT_CONNECTED,
              at.email() + " has not been connected.",
              null,
              Action.CONNECT,
              "Connect it with: millrace connect --email " + at.email());
      case GIVEN_UP ->
          person(
              Reason.DISCONNECTED,
              at.email() + " was disconnected; what is stored stays.",
              at.grant().since(),
              Action.CONNECT,
              "Connect it again to go on.");
      case ENDED ->
          person(
              Reason.GRANT_ENDED,
              "Google accepts the grant of %s no longer: %s"
                  .formatted(at.email(), ended(at.grant().reason())),
              at.grant().since(),
              Action.CONNECT,
              "Its owner has to connect it again: millrace connect --email " + at.email());
      case GIVEN -> at.pause() != null ? paused() : at.sync() == null ? idle() : job(at.sync());
    };
  }

  private MailboxWait paused() {
    String why = at.pause().why() == null ? "" : ": " + at.pause().why();
    return person(
        Reason.PAUSED,
        "The mailbox is paused" + ended(why),
        at.pause().since(),
        Action.RESUME,
        "Resume it to go on from where it was.");
  }

  private MailboxWait idle() {
    if (at.dead() != null) {
      return new MailboxWait(
          at.user(),
          Reason.DEAD,
          "Its sync failed for good: " + ended(at.dead().sentence()),
          null,
          at.dead().since(),
          Action.REDRIVE,
          "Mend the cause, then redrive dead letter %d.".formatted(at.dead().job()),
          at.dead().job(),
          null);
    }
    String last =
        at.syncedAt() == null
            ? "It was never in step"
            : "It was in step at " + at.syncedAt() + "; nobody polls it";
    return person(
        Reason.NOT_STARTED,
        last
            + (at.trouble() == null ? "" : ", and its last sync said: " + at.trouble())
            + ended("; no sync of it is enqueued"),
        at.syncedAt(),
        Action.SYNC,
        "Start a sync of it.");
  }

  private MailboxWait job(Sync sync) {
    if (sync.state().equals("running")) {
      return running(sync);
    }
    if (sync.state().equals("lost")) {
      return held(
          sync,
          new JobHold(
              Reason.NO_WORKER,
              "The process that ran its sync does not answer; another takes it over.",
              Action.START_WORKER,
              "If no other lives, start Millrace on this database."));
    }
    // What no time mends comes before what a time mends.
    Optional<JobHold> standstill = JobHold.standstill(causes);
    if (standstill.isPresent()) {
      return held(sync, standstill.get());
    }
    return switch (sync.state()) {
      case "scheduled" -> scheduled(sync);
      case "waiting" ->
          waits(sync, Reason.PARENTS, "Its sync waits for other jobs to be done.", sync.until());
      default -> ready(sync);
    };
  }

  private MailboxWait scheduled(Sync sync) {
    String why = sync.why() == null ? "" : sync.why();
    Optional<GoogleHold> hold = GoogleHold.ofPostponed(at, why, sync.until(), local);
    if (hold.isPresent()) {
      return waits(sync, hold.get().reason(), hold.get().sentence(), hold.get().until());
    }
    if (sync.failure() != null && !why.equals("delay")) {
      return retry(sync);
    }
    if (at.trouble() != null) {
      return waits(
          sync,
          Reason.RETRY,
          "The last sync said: %s It is tried again at %s."
              .formatted(ended(at.trouble()), sync.until()),
          sync.until());
    }
    if (why.equals("delay") && at.syncedAt() != null) {
      return inStep(sync);
    }
    return waits(
        sync,
        Reason.DELAYED,
        "Its sync was put off to %s%s."
            .formatted(sync.until(), why.isEmpty() || why.equals("delay") ? "" : " (" + why + ")"),
        sync.until());
  }

  private MailboxWait retry(Sync sync) {
    String attempt = sync.failures() == 0 ? "The last attempt" : "Attempt " + sync.failures();
    return new MailboxWait(
        at.user(),
        Reason.RETRY,
        "%s failed: %s It is tried again at %s."
            .formatted(attempt, ended(sync.failure()), sync.until()),
        sync.until(),
        sync.failedAt(),
        Action.WAIT,
        null,
        sync.job(),
        progress());
  }

  private MailboxWait inStep(Sync sync) {
    String again =
        "It is looked at again at %s, or as soon as Gmail tells of a change."
            .formatted(sync.until());
    boolean whole = at.givenUp() == 0;
    String lacking =
        "In step, but for %s that could not be fetched (table message_dead says why). "
            .formatted(messages(at.givenUp()));
    return new MailboxWait(
        at.user(),
        whole ? Reason.IN_STEP : Reason.INCOMPLETE,
        (whole ? "In step. " : lacking) + again,
        sync.until(),
        at.syncedAt(),
        whole ? Action.WAIT : Action.RECOUNT,
        whole ? null : "A recount asks for them again: millrace verify --mailbox " + at.email(),
        sync.job(),
        null);
  }

  private MailboxWait ready(Sync sync) {
    Optional<JobHold> limit = JobHold.limit(causes);
    if (limit.isPresent()) {
      return held(sync, limit.get());
    }
    long before =
        causes.stream()
            .filter(c -> c.what().equals("rank") && c.n() != null)
            .mapToLong(Cause::n)
            .findFirst()
            .orElse(0);
    return waits(
        sync,
        Reason.TURN,
        before == 0
            ? "Its sync is the next to begin."
            : "Its sync is ready; %d others come first.".formatted(before),
        null);
  }

  private MailboxWait running(Sync sync) {
    Optional<GoogleHold> hold = GoogleHold.ofRunning(at, local);
    if (hold.isPresent()) {
      return waits(sync, hold.get().reason(), hold.get().sentence(), hold.get().until());
    }
    Progress progress = progress();
    return waits(
        sync,
        Reason.SYNCING,
        Headway.sentence(progress, local.room()),
        progress == null ? null : progress.end());
  }

  private Progress progress() {
    return Headway.of(at, local.perSecond());
  }

  private MailboxWait person(
      Reason reason, String sentence, Instant since, Action action, String remedy) {
    Long job = at.sync() == null ? null : at.sync().job();
    return new MailboxWait(
        at.user(), reason, sentence, null, since, action, remedy, job, progress());
  }

  private MailboxWait held(Sync sync, JobHold hold) {
    return new MailboxWait(
        at.user(),
        hold.reason(),
        hold.sentence(),
        null,
        sync.since(),
        hold.action(),
        hold.remedy(),
        sync.job(),
        progress());
  }

  private MailboxWait waits(Sync sync, Reason reason, String sentence, Instant until) {
    return new MailboxWait(
        at.user(),
        reason,
        sentence,
        until,
        sync.since(),
        Action.WAIT,
        null,
        sync.job(),
        progress());
  }

  private static String messages(long n) {
    return n == 1 ? "one message" : n + " messages";
  }

  private static String ended(String words) {
    String text = words == null ? "" : words.strip();
    return text.endsWith(".") ? text : text + ".";
  }
}
