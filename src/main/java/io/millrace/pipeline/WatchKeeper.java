package io.millrace.pipeline;

import io.millrace.engine.JobContext;
import io.millrace.google.GmailClient;
import io.millrace.google.GoogleException;
import io.millrace.google.PushSettings;
import io.millrace.google.Watch;
import io.millrace.limit.Wait;
import io.millrace.store.Watches;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that Gmail tells of a mailbox's changes: asks for it when a sync comes to its end and
 * Google's promise is a day old. A refusal never fails the sync: the mailbox is polled as if there
 * were no push, and Gmail is asked again later, less and less often. Thread-safe.
 */
public final class WatchKeeper {
  private static final Logger log = LoggerFactory.getLogger(WatchKeeper.class);
  private static final Duration RENEWED = Duration.ofDays(1);
  private static final Duration FIRST_RETRY = Duration.ofMinutes(1);
  private static final int MOST_DOUBLINGS = 6;

  private final GmailClient gmail;
  private final Watches watches;
  private final PushSettings push;
  private final Duration poll;
  private final double timeScale;

  /**
   * @param poll how often a mailbox is polled that is not watched; zero is never
   * @param timeScale divides the time between renewals and between retries
   */
  public WatchKeeper(
      GmailClient gmail, Watches watches, PushSettings push, Duration poll, double timeScale) {
    this.gmail = gmail;
    this.watches = watches;
    this.push = push;
    // Without a watch nobody tells: a mailbox that is to be watched is looked at in any case.
    this.poll = push.watches() && poll.isZero() ? push.pollEvery() : poll;
    this.timeScale = timeScale;
  }

  /**
   * Makes or renews the watch of the job's mailbox if it is time.
   *
   * @return how soon the mailbox has to be looked at even if Gmail tells of nothing, zero for
   *     never; fails only if the run is no longer current or the database is away
   */
  Future<Duration> keep(JobContext<?> job) {
    if (!push.watches()) {
      return Future.succeededFuture(poll);
    }
    return watches
        .standing(job.user(), push.topic())
        .compose(
            standing ->
                standing.due()
                    ? ask(job, standing)
                    : Future.succeededFuture(standing.alive() ? push.pollEvery() : poll));
  }

  private Future<Duration> ask(JobContext<?> job, Watches.Standing standing) {
    return gmail
        .watch(job.user(), push.topic())
        .transform(
            asked ->
                asked.succeeded()
                    ? made(job, asked.result()).map(push.pollEvery())
                    : refused(job, standing, asked.cause())
                        .map(standing.alive() ? push.pollEvery() : poll));
  }

  private Future<Void> made(JobContext<?> job, Watch watch) {
    Duration left = Duration.between(Instant.now(), watch.expires()).dividedBy(2);
    Duration next = scaled(RENEWED);
    if (left.compareTo(next) < 0) {
      next = left.compareTo(scaled(FIRST_RETRY)) < 0 ? scaled(FIRST_RETRY) : left;
    }
    Duration again = next;
    return job.write(
        tx ->
            watches.made(
                tx.connection(),
                job.user(),
                push.topic(),
                watch.historyId(),
                watch.expires(),
                again));
  }

  private Future<Void> refused(JobContext<?> job, Watches.Standing standing, Throwable why) {
    Duration next =
        scaled(FIRST_RETRY.multipliedBy(1L << Math.min(standing.failures(), MOST_DOUBLINGS)));
    if (why instanceof Wait wait) {
      Duration until = Duration.between(Instant.now(), wait.until());
      next = until.compareTo(next) > 0 ? until : next;
    }
    Duration again = next;
    log.atWarn()
        .addKeyValue("user", job.user())
        .log(
            "the mailbox cannot be watched with {}; polled meanwhile, asked again in {} s: {}",
            push.topic(),
            again.toSeconds(),
            why instanceof GoogleException g ? g.failure().sentence() : why.getMessage());
    return job.write(tx -> watches.refused(tx.connection(), job.user(), again));
  }

  private Duration scaled(Duration ofGoogle) {
    return Duration.ofMillis((long) (ofGoogle.toMillis() / timeScale));
  }
}
