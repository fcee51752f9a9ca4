package io.millrace.pipeline;

import io.millrace.google.CallRoom;
import io.millrace.pipeline.MailboxWait.Progress;
import io.millrace.store.MailboxStanding;
import java.time.Duration;
import java.time.Instant;

/** How far a pass over a mailbox is, in figures and in words. Pure. */
final class Headway {
  /** A forecast further ahead is none. */
  private static final double MOST_SECONDS = 3e9;

  private Headway() {}

  /**
   * In figures; null if no pass is under way.
   *
   * @param perSecond ids a second lately, 0 if this process does not know
   */
  static Progress of(MailboxStanding at, double perSecond) {
    MailboxStanding.Run run = at.run();
    if (run == null) {
      return null;
    }
    boolean listing = run.phase().equals("list");
    double rate = perSecond;
    if (rate <= 0 && listing) {
      double seconds = Duration.between(run.startedAt(), at.now()).toMillis() / 1e3;
      rate = seconds > 1 ? run.listed() / seconds : 0;
    }
    long left = run.estimate() - run.listed();
    Instant end =
        listing && left > 0 && rate > 0
            ? at.now().plusSeconds((long) Math.min(MOST_SECONDS, left / rate))
            : null;
    return new Progress(run.phase(), run.listed(), run.pending(), run.estimate(), rate, end);
  }

  /** In words; the progress may be null. */
  static String sentence(Progress progress, CallRoom room) {
    if (progress == null) {
      return "Its sync has begun.";
    }
    StringBuilder words = new StringBuilder(phase(progress));
    if (progress.perSecond() >= 0.1) {
      words.append(", %.1f a second".formatted(progress.perSecond()));
    }
    if (progress.end() != null) {
      words.append(", until about ").append(progress.end());
    }
    if (progress.deferred() > 0) {
      words.append("; ").append(progress.deferred()).append(" are still to be fetched");
    }
    if (room.inFlight() > 0) {
      words.append("; ").append(room.inFlight()).append(" of at most ").append(room.most());
      words.append(" requests are at Google");
    }
    return words.append('.').toString();
  }

  private static String phase(Progress progress) {
    return switch (progress.phase()) {
      case "list" ->
          progress.estimate() == 0
              ? "%d messages are accounted for".formatted(progress.listed())
              : "%d of about %d messages are accounted for"
                  .formatted(progress.listed(), Math.max(progress.estimate(), progress.listed()));
      case "history" -> "What has changed is being worked off";
      case "recount" -> "A second listing checks that nothing was left out";
      case "labels" -> "The labels of what is stored are compared with Gmail's";
      default -> "What is stored and was not listed is asked for";
    };
  }
}
