package io.millrace.pipeline;

import io.millrace.store.NewJob;
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
 * @param cursor where the mailbox was before this one; null if it never was in step
 */
record FollowUp(Duration poll, int vain, String cursor) {
  private static final Logger log = LoggerFactory.getLogger(FollowUp.class);
  private static final int MOST_VAIN = 8;

  static FollowUp of(Duration poll, GmailSync.Payload payload, String cursor) {
    return new FollowUp(poll, Math.max(0, payload.vain()), cursor);
  }

  /**
   * The next sync, or none.
   *
   * @param reached where the mailbox is now
   * @param behind whether Gmail has told of changes beyond what is known now
   * @param now by the database's clock
   */
  List<NewJob> jobs(long user, String reached, boolean behind, Instant now) {
    if (!behind) {
      return poll.isZero() ? List.of() : List.of(job(user, 0).at(now.plus(poll)));
    }
    int vainNow = reached.equals(cursor) ? Math.min(vain, MOST_VAIN) + 1 : 0;
    if (vainNow <= MOST_VAIN) {
      Duration wait = vainNow < 2 ? Duration.ZERO : Duration.ofSeconds(1L << (vainNow - 2));
      NewJob job = job(user, vainNow);
      return List.of(wait.isZero() ? job : job.at(now.plus(wait)));
    }
    if (vain == MOST_VAIN) {
      log.atWarn()
          .addKeyValue("user", user)
          .log("Gmail has told of changes that its history does not show: the mailbox is polled");
    }
    return poll.isZero() ? List.of() : List.of(job(user, vainNow).at(now.plus(poll)));
  }

  private static NewJob job(long user, int vain) {
    String payload = vain == 0 ? "{}" : new JsonObject().put("vain", vain).encode();
    return NewJob.of(user, GmailSync.KIND, payload).once(GmailSync.DEDUP_KEY);
  }
}
