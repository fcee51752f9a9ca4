package io.millrace.pipeline;

import io.millrace.engine.JobContext;
import io.millrace.engine.JobHandler;
import io.millrace.engine.MayBeAbsent;
import io.millrace.engine.Outcome;
import io.millrace.google.GmailClient;
import io.millrace.limit.LocalCodec;
import io.millrace.store.Mailboxes;
import io.millrace.store.MessageCache;
import io.millrace.store.Messages;
import io.millrace.store.SyncRuns;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/**
 * The kind {@code google_gmail_sync}: brings one mailbox into step. The first time, and after the
 * cursor was lost, the whole mailbox is listed; from then on history tells what changed.
 */
public final class GmailSync implements JobHandler<GmailSync.Payload> {
  /** The kind's name. */
  public static final String KIND = "google_gmail_sync";

  /** At most one live sync of a mailbox holds this key. */
  public static final String DEDUP_KEY = "gmail-sync";

  /**
   * What is asked of a sync besides the mailbox, which is the job's user's.
   *
   * @param recount whether a mailbox that is in step is listed again, to see that nothing is
   *     missing
   * @param vain how many syncs in a row were made because of what Gmail had told, and found the
   *     mailbox where it was
   * @param told the history id that Gmail had told when they were; null for none. A later one
   *     begins a count of its own
   */
  public record Payload(
      @MayBeAbsent boolean recount, @MayBeAbsent int vain, @MayBeAbsent String told) {}

  private final Vertx vertx;
  private final GmailClient gmail;
  private final GmailSettings settings;
  private final double timeScale;
  private final Mailboxes mailboxes;
  private final Messages messages;
  private final SyncRuns runs;
  private final Spending spending;
  private final MailWatch mail;
  private final WatchKeeper watch;
  private final WriteGate gate;

  /**
   * Registers the codec of {@link SyncProgress}: make one for each Vertx.
   *
   * @param timeScale divides the waits between retries
   * @param cache told what a commit changed
   * @param watch sees to it that Gmail tells of changes
   * @param gate how many transactions of mail may be under way
   */
  public GmailSync(
      Vertx vertx,
      GmailClient gmail,
      GmailSettings settings,
      double timeScale,
      Mailboxes mailboxes,
      Messages messages,
      SyncRuns runs,
      MessageCache cache,
      WatchKeeper watch,
      WriteGate gate) {
    this.mail = MailWatch.of(cache);
    this.vertx = vertx;
    this.gmail = gmail;
    this.settings = settings;
    this.timeScale = timeScale;
    this.mailboxes = mailboxes;
    this.messages = messages;
    this.runs = runs;
    this.watch = watch;
    this.gate = gate;
    this.spending = new Spending(gmail.traffic());
    vertx.eventBus().registerDefaultCodec(SyncProgress.class, new LocalCodec<>(SyncProgress.class));
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public Class<Payload> payload() {
    return Payload.class;
  }

  @Override
  public Future<Outcome> run(JobContext<Payload> job) {
    return mailboxes
        .load(job.user())
        .compose(
            mailbox -> {
              if (mailbox.isEmpty()) {
                return Future.succeededFuture(new Outcome.Skipped("there is no such mailbox"));
              }
              String halted = mailbox.get().halted();
              return halted == null
                  ? pass(job, mailbox.get()).run()
                  : Future.succeededFuture(new Outcome.Skipped("the mailbox is " + halted));
            });
  }

  private MailboxPass pass(JobContext<Payload> job, Mailboxes.Mailbox mailbox) {
    RunLanes lanes = new RunLanes(runs, settings.lanes(), mailbox.lanes(), settings.format());
    SyncLedger ledger =
        new SyncLedger(
            vertx,
            job,
            messages,
            runs,
            spending,
            gmail.planner(),
            settings,
            lanes,
            new Tidings(mail, job.user()),
            new SyncEnd(job, runs, watch, mailbox.cursor()));
    return new MailboxPass(
        vertx, gmail, settings, timeScale, mailboxes, ledger, gate, job, mailbox);
  }
}
