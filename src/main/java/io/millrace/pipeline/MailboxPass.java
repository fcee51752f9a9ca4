package io.millrace.pipeline;

import io.millrace.engine.JobContext;
import io.millrace.engine.Outcome;
import io.millrace.google.FetchPlan;
import io.millrace.google.GmailClient;
import io.millrace.google.GoogleException;
import io.millrace.google.GoogleFailure;
import io.millrace.google.HistoryPage;
import io.millrace.google.MailboxProfile;
import io.millrace.store.Mailboxes;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a mailbox's sync: step by step, each step leaving a committed checkpoint, until it is
 * complete, its slice is used, or it has to wait.
 */
final class MailboxPass {
  private static final Logger log = LoggerFactory.getLogger(MailboxPass.class);
  private static final FetchPlan NOTHING = FetchPlan.singly(List.of());
  private static final int MOST_ROUNDS = 10;
  private static final int MOST_RESTARTS = 20;

  private final Vertx vertx;
  private final GmailClient gmail;
  private final GmailSettings settings;
  private final double timeScale;
  private final Mailboxes mailboxes;
  private final SyncLedger ledger;
  private final WriteGate gate;
  private final JobContext<GmailSync.Payload> job;
  private final Mailboxes.Mailbox mailbox;
  private final Patience patience;
  private final Listings listings;
  private final LabelListing labels;
  private final long started = System.nanoTime();
  private Intake intake;
  private String stopping;

  MailboxPass(
      Vertx vertx,
      GmailClient gmail,
      GmailSettings settings,
      double timeScale,
      Mailboxes mailboxes,
      SyncLedger ledger,
      WriteGate gate,
      JobContext<GmailSync.Payload> job,
      Mailboxes.Mailbox mailbox) {
    this.vertx = vertx;
    this.gmail = gmail;
    this.settings = settings;
    this.timeScale = timeScale;
    this.mailboxes = mailboxes;
    this.ledger = ledger;
    this.gate = gate;
    this.job = job;
    this.mailbox = mailbox;
    this.patience = new Patience(vertx, settings.messageAttempts(), timeScale);
    this.listings = new Listings(gmail, patience, settings, job.user());
    this.labels = new LabelListing(listings, ledger.gap());
  }

  Future<Outcome> run() {
    job.cancelled()
        .onSuccess(
            reason -> {
              stopping = reason;
              patience.interrupt();
              if (intake != null) {
                intake.cutShort();
              }
            });
    Promise<Outcome> end = Promise.promise();
    advance(end);
    return end.future().recover(this::judge);
  }

  /** The loop: one step after the other, none holding on to the one before. */
  private void advance(Promise<Outcome> end) {
    if (stopping != null) {
      end.complete(new Outcome.Yielded(Duration.ZERO, stopping));
      return;
    }
    if (System.nanoTime() - started > settings.slice().toNanos()) {
      end.complete(new Outcome.Yielded(Duration.ZERO, "slice"));
      return;
    }
    step()
        .onComplete(
            done -> {
              if (done.failed()) {
                end.fail(done.cause());
              } else if (done.result().isPresent()) {
                end.complete(done.result().get());
              } else {
                advance(end);
              }
            });
  }

  /** One step; answers an outcome when the run is over. */
  private Future<Optional<Outcome>> step() {
    SyncCheckpoint at = ledger.checkpoint();
    if (at == null) {
      return begin();
    }
    if (!at.pending().isEmpty()) {
      return fetch(at.plan()).map(Optional.empty());
    }
    return switch (at.phase()) {
      case LIST -> list(at).map(Optional.empty());
      case HISTORY -> drain(at);
      case RECOUNT -> recount(at);
      case LABELS -> labels(at);
      case SWEEP -> sweep(at);
    };
  }

  /** The history id is taken before anything is listed: what changes meanwhile is drained later. */
  private Future<Optional<Outcome>> begin() {
    return patience.with(() -> gmail.profile(job.user())).compose(this::begin);
  }

  private Future<Optional<Outcome>> begin(MailboxProfile profile) {
    boolean another =
        !profile.email().isBlank() && !profile.email().strip().equalsIgnoreCase(mailbox.email());
    if (another) {
      return Future.failedFuture(
          new GoogleException(
              new GoogleFailure.DeadGrant("the grant is that of " + profile.email() + ".")));
    }
    boolean known = mailbox.fullRun() != null && mailbox.phase().equals("complete");
    boolean asked = job.payload().recount() || ledger.lanes().outdated();
    if (known && !asked && profile.historyId().equals(mailbox.cursor())) {
      return ledger.unchanged().map(Optional.of(new Outcome.Completed(null)));
    }
    return open(profile, known).map(Optional.empty());
  }

  private Future<Void> open(MailboxProfile profile, boolean known) {
    if (mailbox.fullRun() == null) {
      return ledger.begin(true, profile.historyId(), profile.messagesTotal(), false);
    }
    if (!known) {
      // With a cursor it is a run that was to find what a lost history could not tell.
      return ledger.reopen(
          mailbox.fullRun(),
          SyncCheckpoint.Phase.LIST,
          mailbox.firstHistory(),
          mailbox.cursor() != null);
    }
    if (ledger.lanes().outdated()) {
      // Other messages are wanted than the last full run listed; history goes on from the cursor.
      return ledger.begin(true, mailbox.cursor(), profile.messagesTotal(), false);
    }
    return job.payload().recount()
        ? ledger.reopen(mailbox.fullRun(), SyncCheckpoint.Phase.HISTORY, mailbox.cursor(), true)
        : ledger.begin(false, mailbox.cursor(), 0, false);
  }

  private Future<Void> fetch(FetchPlan plan) {
    intake = new Intake(vertx, gmail, job.user(), plan, settings, timeScale, ledger, gate);
    return intake.run();
  }

  private Future<Void> list(SyncCheckpoint at) {
    if (!SyncCheckpoint.NO_MORE.equals(at.pageToken())) {
      return listed(at);
    }
    return ledger.move(
        ledger.lanes().current().isLast(at.lane())
            ? at.enter(SyncCheckpoint.Phase.HISTORY, NOTHING)
            : at.nextLane());
  }

  /** A page of a listing: what is known is accounted for, the rest becomes pending. */
  private Future<Void> listed(SyncCheckpoint at) {
    return listings
        .page(at, ledger.lanes().current().at(at.lane()))
        .compose(
            page ->
                page == null
                    ? startOver(at)
                    : ledger.listed(
                        page.ids(),
                        (tx, wanted) ->
                            Future.succeededFuture(
                                at.page(
                                    page.nextPageToken() == null
                                        ? SyncCheckpoint.NO_MORE
                                        : page.nextPageToken(),
                                    wanted))));
  }

  private Future<Void> startOver(SyncCheckpoint at) {
    return at.restarts() < MOST_RESTARTS
        ? ledger.move(at.restarted())
        : Future.failedFuture(
            new IllegalStateException("the listing does not come to an end: its page tokens fail"));
  }

  private Future<Optional<Outcome>> drain(SyncCheckpoint at) {
    return patience
        .with(() -> gmail.history(job.user(), at.from(), at.pageToken(), settings.pageSize()))
        .map(page -> at.circular(page.nextPageToken()) ? null : page)
        .recover(e -> Listings.stale(at, e) ? Future.succeededFuture(null) : Future.failedFuture(e))
        .compose(page -> page == null ? startOver(at) : changes(at, page))
        .recover(e -> Listings.missing(e) ? lost(at) : Future.failedFuture(e))
        .map(Optional.empty());
  }

  /**
   * A page of history. Its last record is where all is told; the mailbox's own cursor counts only
   * when one page told all, since something may have happened between two pages.
   */
  private Future<Void> changes(SyncCheckpoint at, HistoryPage page) {
    boolean last = page.nextPageToken() == null;
    SyncCheckpoint told = at.reached(page.lastRecord());
    SyncCheckpoint reached = last && at.pages() == 0 ? told.reached(page.historyId()) : told;
    Lanes lanes = ledger.lanes().current();
    PageEffect effect = PageEffect.of(page.changes(), settings.includeSpamTrash(), lanes);
    return ledger.listed(
        effect.wanted(),
        (tx, wanted) ->
            ledger
                .changed(tx, effect.deleted(), effect.labels())
                .compose(
                    v ->
                        last
                            ? ledger
                                .phase(tx, SyncCheckpoint.Phase.RECOUNT)
                                .map(reached.enter(SyncCheckpoint.Phase.RECOUNT, wanted))
                            : Future.succeededFuture(reached.page(page.nextPageToken(), wanted)))
                .map(next -> lanes.isLast(0) ? next : next.in(effect.formats())));
  }

  /**
   * Google remembers no history so old: a full run's check lists all again; a delta begins anew.
   * Whatever was deleted in the gap is found by asking for what no listing shows, and whatever was
   * marked otherwise by listing each label.
   */
  private Future<Void> lost(SyncCheckpoint at) {
    log.atWarn()
        .addKeyValue("user", job.user())
        .addKeyValue("job", job.key().id())
        .log("Google has no history of the mailbox since {}: all of it is listed", at.from());
    return patience
        .with(() -> gmail.profile(job.user()))
        .compose(
            p ->
                at.full()
                    ? ledger.move(
                        at.lost(p.historyId()).enter(SyncCheckpoint.Phase.RECOUNT, NOTHING))
                    : ledger.begin(true, p.historyId(), p.messagesTotal(), true));
  }

  /** Complete, when another listing shows no id that should have been there and was not. */
  private Future<Optional<Outcome>> recount(SyncCheckpoint at) {
    if (!at.full()) {
      return complete();
    }
    if (SyncCheckpoint.NO_MORE.equals(at.pageToken())) {
      if (!ledger.lanes().current().isLast(at.lane())) {
        return ledger.move(at.nextLane()).map(Optional.empty());
      }
      if (at.unexplained() > 0) {
        return again(at);
      }
      return at.sweep()
          ? ledger.move(at.enter(SyncCheckpoint.Phase.LABELS, NOTHING)).map(Optional.empty())
          : complete();
    }
    return listed(at).map(Optional.empty());
  }

  /** Under which labels what is stored is listed, page by page. */
  private Future<Optional<Outcome>> labels(SyncCheckpoint at) {
    return labels
        .step(at)
        .compose(done -> done ? Future.<Void>succeededFuture() : startOver(at))
        .map(Optional.empty());
  }

  /** What is stored and was not listed is asked for, page by page. */
  private Future<Optional<Outcome>> sweep(SyncCheckpoint at) {
    return SyncCheckpoint.NO_MORE.equals(at.pageToken())
        ? complete()
        : ledger.gap().suspects(settings.pageSize()).map(Optional.empty());
  }

  private Future<Optional<Outcome>> again(SyncCheckpoint at) {
    if (at.rounds() >= MOST_ROUNDS) {
      return Future.failedFuture(
          new IllegalStateException(
              "every one of %d listings showed older messages that the ones before had not"
                  .formatted(at.rounds())));
    }
    return ledger.move(at.enter(SyncCheckpoint.Phase.RECOUNT, NOTHING)).map(Optional.empty());
  }

  private Future<Optional<Outcome>> complete() {
    return ledger.complete().map(v -> Optional.of(new Outcome.Completed(null)));
  }

  /** What no retry can mend is told to the user and ends the job; the rest is tried again. */
  private Future<Outcome> judge(Throwable failure) {
    if (stopping != null) {
      return Future.succeededFuture(new Outcome.Yielded(Duration.ZERO, stopping));
    }
    if (failure instanceof GoogleException g) {
      return job.write(tx -> mailboxes.trouble(tx.connection(), job.user(), g.failure().sentence()))
          .transform(v -> afterTrouble(g));
    }
    return Future.failedFuture(failure);
  }

  /** A mailbox that is followed is looked at again however long Google is away. */
  private Future<Outcome> afterTrouble(GoogleException g) {
    if (g.failure().permanent()) {
      return Future.succeededFuture(
          new Outcome.Discarded(g.failure().getClass().getSimpleName(), g));
    }
    if (settings.pollEvery().isZero()) {
      return Future.failedFuture(GoogleTrouble.of(g));
    }
    log.atWarn()
        .addKeyValue("user", job.user())
        .addKeyValue("job", job.key().id())
        .log(
            "the mailbox waits {} s: {}", settings.pollEvery().toSeconds(), g.failure().sentence());
    return Future.succeededFuture(new Outcome.Yielded(settings.pollEvery(), "google is away"));
  }
}
