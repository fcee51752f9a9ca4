package io.millrace.pipeline;

import io.millrace.engine.JobContext;
import io.millrace.engine.Outcome;
import io.millrace.google.FetchPlan;
import io.millrace.google.GmailClient;
import io.millrace.google.GoogleException;
import io.millrace.google.GoogleFailure;
import io.millrace.google.HistoryPage;
import io.millrace.google.IdPage;
import io.millrace.google.MailboxProfile;
import io.millrace.google.MessageRef;
import io.millrace.store.Mailboxes;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
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
  private final JobContext<GmailSync.Payload> job;
  private final Mailboxes.Mailbox mailbox;
  private final Patience patience;
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
      JobContext<GmailSync.Payload> job,
      Mailboxes.Mailbox mailbox) {
    this.vertx = vertx;
    this.gmail = gmail;
    this.settings = settings;
    this.timeScale = timeScale;
    this.mailboxes = mailboxes;
    this.ledger = ledger;
    this.job = job;
    this.mailbox = mailbox;
    this.patience = new Patience(vertx, settings.messageAttempts(), timeScale);
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
      return begin().map(Optional.empty());
    }
    if (!at.pending().isEmpty()) {
      return fetch(at.plan()).map(Optional.empty());
    }
    return switch (at.phase()) {
      case LIST -> list(at).map(Optional.empty());
      case HISTORY -> drain(at);
      case RECOUNT -> recount(at);
    };
  }

  /** The history id is taken before anything is listed: what changes meanwhile is drained later. */
  private Future<Void> begin() {
    return patience.with(() -> gmail.profile(job.user())).compose(this::begin);
  }

  private Future<Void> begin(MailboxProfile profile) {
    boolean another =
        !profile.email().isBlank() && !profile.email().strip().equalsIgnoreCase(mailbox.email());
    if (another) {
      return Future.failedFuture(
          new GoogleException(
              new GoogleFailure.DeadGrant("the grant is that of " + profile.email() + ".")));
    }
    if (mailbox.fullRun() == null) {
      return ledger.begin(true, profile.historyId(), profile.messagesTotal());
    }
    if (!mailbox.phase().equals("complete")) {
      return ledger.reopen(mailbox.fullRun(), SyncCheckpoint.Phase.LIST, mailbox.firstHistory());
    }
    return job.payload().recount()
        ? ledger.reopen(mailbox.fullRun(), SyncCheckpoint.Phase.HISTORY, mailbox.cursor())
        : ledger.begin(false, mailbox.cursor(), 0);
  }

  private Future<Void> fetch(FetchPlan plan) {
    intake = new Intake(vertx, gmail, job.user(), plan, settings, timeScale, ledger);
    return intake.run();
  }

  private Future<Void> list(SyncCheckpoint at) {
    return SyncCheckpoint.NO_MORE.equals(at.pageToken())
        ? ledger.move(at.enter(SyncCheckpoint.Phase.HISTORY, NOTHING))
        : listed(at);
  }

  /** A page of a listing: what is known is accounted for, the rest becomes pending. */
  private Future<Void> listed(SyncCheckpoint at) {
    return page(at)
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

  /**
   * A page of ids; null if the listing has to begin again, because its token is no longer good or
   * leads in a circle.
   */
  private Future<IdPage> page(SyncCheckpoint at) {
    return patience
        .with(
            () ->
                gmail.list(
                    job.user(),
                    settings.pageSize(),
                    at.pageToken(),
                    settings.includeSpamTrash(),
                    null,
                    List.of()))
        .map(page -> at.circular(page.nextPageToken()) ? null : page)
        .recover(
            e ->
                stale(at, e)
                        || (at.pageToken() != null
                            && e instanceof GoogleException g
                            && g.failure() instanceof GoogleFailure.NotFound)
                    ? Future.succeededFuture(null)
                    : Future.failedFuture(e));
  }

  /** Whether a page was refused because of its token. */
  private static boolean stale(SyncCheckpoint at, Throwable e) {
    return at.pageToken() != null
        && e instanceof GoogleException g
        && g.failure() instanceof GoogleFailure.BadRequest;
  }

  private Future<Void> startOver(SyncCheckpoint at) {
    return at.restarts() < MOST_RESTARTS
        ? ledger.move(at.restarted())
        : Future.failedFuture(
            new IllegalStateException("the listing does not come to an end: its page tokens fail"));
  }

  private Future<Optional<Outcome>> drain(SyncCheckpoint at) {
    return patience
        .with(
            () -> gmail.history(job.user(), at.firstHistory(), at.pageToken(), settings.pageSize()))
        .map(page -> at.circular(page.nextPageToken()) ? null : page)
        .recover(e -> stale(at, e) ? Future.succeededFuture(null) : Future.failedFuture(e))
        .compose(
            page -> page == null ? startOver(at).map(Optional.<Outcome>empty()) : changes(at, page))
        .recover(
            e ->
                e instanceof GoogleException g && g.failure() instanceof GoogleFailure.NotFound
                    ? lost(at)
                    : Future.failedFuture(e));
  }

  private Future<Optional<Outcome>> changes(SyncCheckpoint at, HistoryPage page) {
    boolean last = page.nextPageToken() == null;
    String reached = last && page.historyId() != null ? page.historyId() : at.cursor();
    return ledger
        .listed(
            settings.includeSpamTrash()
                ? changed(page, label -> true)
                : changed(page, Arrived::shownByDefault),
            (tx, wanted) ->
                ledger
                    .changed(tx, page.deleted(), page.labels())
                    .compose(
                        v ->
                            last
                                ? ledger
                                    .phase(tx, SyncCheckpoint.Phase.RECOUNT)
                                    .map(
                                        at.reached(reached)
                                            .enter(SyncCheckpoint.Phase.RECOUNT, wanted))
                                : Future.succeededFuture(at.page(page.nextPageToken(), wanted))))
        .map(Optional.empty());
  }

  /**
   * Ids that may be new: what came in, and what changed its labels (a message that leaves the spam
   * is one that no listing has shown yet). What is known already drops out when it is classified.
   */
  private static List<MessageRef> changed(HistoryPage page, Predicate<List<String>> wanted) {
    Map<String, MessageRef> refs = new LinkedHashMap<>();
    page.added().stream()
        .filter(a -> wanted.test(a.labelIds()))
        .forEach(a -> refs.put(a.id(), new MessageRef(a.id(), a.threadId())));
    page.labels().stream()
        .filter(l -> wanted.test(l.labelIds()))
        .forEach(l -> refs.putIfAbsent(l.id(), new MessageRef(l.id(), l.id())));
    refs.keySet().removeAll(page.deleted());
    return List.copyOf(refs.values());
  }

  /**
   * Google remembers no history so old: a full run's check lists all again; a delta begins anew.
   */
  private Future<Optional<Outcome>> lost(SyncCheckpoint at) {
    if (!at.full()) {
      return patience
          .with(() -> gmail.profile(job.user()))
          .compose(p -> ledger.begin(true, p.historyId(), p.messagesTotal()))
          .map(Optional.empty());
    }
    if (at.restarts() >= MOST_RESTARTS) {
      return Future.failedFuture(
          new IllegalStateException("Google forgot the mailbox's history again and again"));
    }
    return patience
        .with(() -> gmail.profile(job.user()))
        .compose(
            p ->
                ledger.move(
                    at.restarted()
                        .reached(p.historyId())
                        .enter(SyncCheckpoint.Phase.RECOUNT, NOTHING)))
        .map(Optional.empty());
  }

  /** Complete, when another listing shows no id that should have been there and was not. */
  private Future<Optional<Outcome>> recount(SyncCheckpoint at) {
    if (!at.full()) {
      return complete();
    }
    if (SyncCheckpoint.NO_MORE.equals(at.pageToken())) {
      return at.unexplained() == 0 ? complete() : again(at);
    }
    return listed(at).map(Optional.empty());
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
    Instant again = settings.pollEvery().isZero() ? null : Instant.now().plus(settings.pollEvery());
    return ledger.complete(again).map(v -> Optional.of(new Outcome.Completed(null)));
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
