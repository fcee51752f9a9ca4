package io.millrace.pipeline;

import io.millrace.google.GmailClient;
import io.millrace.limit.Quota;
import io.millrace.limit.QuotaOutlook;
import io.millrace.store.MailboxStanding;
import io.millrace.store.MailboxStandings;
import io.millrace.store.WaitReasons;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.sqlclient.Pool;
import java.util.List;
import java.util.Optional;

/**
 * Answers why a mailbox waits, and until when, from the objects that make it wait: what stands in
 * the database any process can tell; buckets, breaker and requests in flight are asked where they
 * are, so a process that runs the mailbox's sync says more. Two small statements an answer.
 *
 * <p>Thread-safe; futures complete on the caller's context and fail only if the database does.
 */
public final class MailboxWaits {
  private final MailboxStandings standings;
  private final WaitReasons reasons;
  private final Quota quota;
  private final GmailClient gmail;
  private final SyncPace pace = new SyncPace(System::nanoTime);
  private final MessageConsumer<SyncProgress> progress;

  /**
   * Follows the syncs of this process from now on.
   *
   * @param vertx with the codec of {@link SyncProgress}, which {@link GmailSync} registers
   * @param quota asks the buckets of this process; it may have none
   * @param gmail the client with which this process syncs
   */
  public MailboxWaits(Vertx vertx, Pool pool, Quota quota, GmailClient gmail) {
    this.standings = new MailboxStandings(pool);
    this.reasons = new WaitReasons(pool);
    this.quota = quota;
    this.gmail = gmail;
    this.progress = pace.listen(vertx);
  }

  /** Why the mailbox of a user waits; empty if there is no such user. */
  public Future<Optional<MailboxWait>> of(long user) {
    return standings
        .of(user, GmailSync.KIND, GmailSync.DEDUP_KEY)
        .compose(
            found ->
                found.isEmpty()
                    ? Future.succeededFuture(Optional.empty())
                    : of(found.get()).map(Optional::of));
  }

  private Future<MailboxWait> of(MailboxStanding standing) {
    return Future.all(causes(standing), outlook(standing.user()))
        .map(
            both ->
                new WaitJudge(
                        standing,
                        both.resultAt(0),
                        new WaitJudge.Local(
                            both.resultAt(1),
                            gmail.leftAloneUntil(),
                            gmail.room(standing.user()),
                            pace.perSecond(standing.user())))
                    .answer());
  }

  /** What holds back a job that does not run is the jobs' own answer. */
  private Future<List<WaitReasons.Cause>> causes(MailboxStanding standing) {
    return standing.sync() == null || List.of("running", "lost").contains(standing.sync().state())
        ? Future.succeededFuture(List.of())
        : reasons.of(standing.user(), standing.sync().job());
  }

  /** A process without buckets, or one that stops, knows nothing of quota. */
  private Future<QuotaOutlook> outlook(long user) {
    return quota.outlook(user, gmail.messagePrice()).otherwise(QuotaOutlook.CLEAR);
  }

  /** Follows no longer. */
  public Future<Void> close() {
    return progress.unregister();
  }
}
