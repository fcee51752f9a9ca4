package io.millrace.pipeline;

import io.millrace.store.NewJob;
import io.millrace.store.SyncRuns.Closed;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a mailbox that has just come into step is looked at again: at once if Gmail has told of
 * changes meanwhile, else when it is time.
 *
 * <p>Gmail may tell of a change before its history shows it, or of one that never will be shown. A
 * look that finds the mailbox where it was is therefore repeated after 0, 1, 2, 4 … seconds, and
 * after the last of these the mailbox is only polled.
 *
 * @param poll how long until the mailbox is looked at in any case; zero is never
 * @param vain how many looks before this one were such
 * @param told for which of Gmail's words they were made, a history id; null for none
 * @param cursor where the mailbox was before this one; null if it never was in step
 */
record FollowUp(Duration poll, int vain, String told, String cursor) {
  private static final Logger log = LoggerFactory.getLogger(FollowUp.class);
  private static final int MOST_VAIN = 8;

  static FollowUp of(Duration poll, GmailSync.Payload payload, String cursor) {
    return new FollowUp(poll, Math.max(0, payload.vain()), payload.told(), cursor);
  }

  /**
   * The next sync, or none.
   *
   * @param reached where the mailbox is now
   * @param closed how the mailbox was left
   */
  List<NewJob> jobs(long user, String reached, Closed closed) {
    Instant now = closed.now();
    if (!closed.behind()) {
      return poll.isZero() ? List.of() : List.of(job(user, 0, null).at(now.plus(poll)));
    }
    // A notice that came since these looks began, or hurried the last of them, is not theirs.
    int before = closed.notified().equals(told) ? Math.min(vain, MOST_VAIN) : 0;
    int vainNow = reached.equals(cursor) ? before + 1 : 0;
    if (vainNow <= MOST_VAIN) {
      Duration wait = vainNow < 2 ? Duration.ZERO : Duration.ofSeconds(1L << (vainNow - 2));
      NewJob job = job(user, vainNow, closed.notified());
      return List.of(wait.isZero() ? job : job.at(now.plus(wait)));
    }
    if (before == MOST_VAIN && vain == MOST_VAIN) {
      log.atWarn()
          .addKeyValue("user", user)
          .log("Gmail has told of changes that its history does not show: the mailbox is polled");
    }
    return poll.isZero()
        ? List.of()
        : List.of(job(user, vainNow, closed.notified()).at(now.plus(poll)));
  }

  private static NewJob job(long user, int vain, String told) {
    String payload =
        vain == 0 ? "{}" : new JsonObject().put("vain", vain).put("told", told).encode();
    return NewJob.of(user, GmailSync.KIND, payload).once(GmailSync.DEDUP_KEY);
  }
}
