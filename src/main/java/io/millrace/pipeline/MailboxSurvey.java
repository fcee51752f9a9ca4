package io.millrace.pipeline;

import io.millrace.google.FetchPlan;
import io.millrace.google.GmailClient;
import io.millrace.google.GoogleException;
import io.millrace.google.GoogleFailure;
import io.millrace.google.HistoryChange;
import io.millrace.google.HistoryPage;
import io.millrace.google.IdPage;
import io.millrace.google.MessageRef;
import io.millrace.limit.Wait;
import io.millrace.store.Mailboxes.Mailbox;
import io.millrace.store.Surveys;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Compares a mailbox at Google with what is stored of it, and changes neither: lists all of it, and
 * asks what has changed since the cursor, since that is not missing but merely not synced yet. Ids
 * wait in the database, so memory does not grow with the mailbox. Calls go through the same quota
 * as those of a sync; units that are far off are waited for.
 */
public final class MailboxSurvey {
  private static final FetchPlan NOTHING = FetchPlan.singly(List.of());
  private static final int MOST_RESTARTS = 20;
  private static final int MOST_WAITS = 1_000;
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(15);

  private final Vertx vertx;
  private final GmailClient gmail;
  private final GmailSettings settings;
  private final double timeScale;
  private final Surveys surveys;

  /**
   * @param timeScale divides the waits between retries
   */
  public MailboxSurvey(
      Vertx vertx, GmailClient gmail, GmailSettings settings, double timeScale, Surveys surveys) {
    this.vertx = vertx;
    this.gmail = gmail;
    this.settings = settings;
    this.timeScale = timeScale;
    this.surveys = surveys;
  }

  /**
   * What a survey found.
   *
   * @param historyId the mailbox's history id at Google when the survey began
   * @param historyKnown whether Google still tells what has changed since the cursor
   * @param stands how the ids stand, see {@link Surveys#stands}
   */
  public record Found(String historyId, boolean historyKnown, Map<String, Surveys.Stand> stands) {}

  /**
   * Surveys a mailbox.
   *
   * @param mailbox as the database knows it; if it has no cursor nothing counts as merely behind
   * @return fails with {@link GoogleException} if Google cannot be asked
   */
  public Future<Found> of(long user, Mailbox mailbox) {
    return surveys.begin(user).compose(number -> new Pass(user, number, mailbox).run());
  }

  /** One survey; on the caller's context. */
  private final class Pass {
    private final long user;
    private final long number;
    private final Mailbox mailbox;
    private final Patience patience = new Patience(vertx, settings.messageAttempts(), timeScale);
    private SyncCheckpoint at;
    private boolean historyKnown = true;

    Pass(long user, long number, Mailbox mailbox) {
      this.user = user;
      this.number = number;
      this.mailbox = mailbox;
    }

    Future<Found> run() {
      String cursor = mailbox.cursor();
      return call(() -> gmail.profile(user))
          .compose(
              profile -> {
                if (!profile.email().strip().equalsIgnoreCase(mailbox.email())) {
                  return Future.failedFuture(
                      new GoogleException(
                          new GoogleFailure.DeadGrant(
                              "the grant is that of " + profile.email() + ".")));
                }
                at = from(SyncCheckpoint.Phase.LIST, cursor);
                return pages(this::list)
                    .compose(v -> changes(cursor))
                    .compose(v -> surveys.stands(user, number, settings.includeSpamTrash()))
                    .map(stands -> new Found(profile.historyId(), historyKnown, stands));
              })
          .eventually(() -> surveys.end(user, number));
    }

    private SyncCheckpoint from(SyncCheckpoint.Phase phase, String cursor) {
      return SyncCheckpoint.first(number, true, phase, cursor == null ? "0" : cursor, false);
    }

    private Future<Void> changes(String cursor) {
      if (cursor == null) {
        return Future.succeededFuture();
      }
      at = from(SyncCheckpoint.Phase.HISTORY, cursor);
      return pages(this::history)
          .recover(
              e -> {
                historyKnown = !is(e, GoogleFailure.NotFound.class);
                return historyKnown ? Future.failedFuture(e) : Future.succeededFuture();
              });
    }

    /** Page after page, none holding on to the one before. */
    private Future<Void> pages(Supplier<Future<Void>> page) {
      Promise<Void> end = Promise.promise();
      next(page, end);
      return end.future();
    }

    private void next(Supplier<Future<Void>> page, Promise<Void> end) {
      page.get()
          .recover(
              e ->
                  at.pageToken() != null && is(e, GoogleFailure.BadRequest.class)
                      ? startOver()
                      : Future.failedFuture(e))
          .onComplete(
              done -> {
                if (done.failed()) {
                  end.fail(done.cause());
                } else if (SyncCheckpoint.NO_MORE.equals(at.pageToken())) {
                  end.complete();
                } else {
                  next(page, end);
                }
              });
    }

    private Future<Void> startOver() {
      if (at.restarts() >= MOST_RESTARTS) {
        return Future.failedFuture(
            new IllegalStateException("the listing does not come to an end: its page tokens fail"));
      }
      at = at.restarted();
      return Future.succeededFuture();
    }

    private Future<Void> list() {
      Lane lane = settings.lanes().at(at.lane());
      return call(() ->
              gmail.list(
                  user,
                  settings.pageSize(),
                  at.pageToken(),
                  settings.includeSpamTrash() || lane.hidden(),
                  lane.query(),
                  lane.labelIds()))
          .compose(this::listed);
    }

    private Future<Void> listed(IdPage page) {
      List<String> ids = page.ids().stream().map(MessageRef::id).toList();
      return surveys.note(user, number, ids).compose(v -> turn(page.nextPageToken()));
    }

    private Future<Void> history() {
      return call(() -> gmail.history(user, at.from(), at.pageToken(), settings.pageSize()))
          .compose(this::told);
    }

    private Future<Void> told(HistoryPage page) {
      List<String> ids = page.changes().stream().map(HistoryChange::id).distinct().toList();
      return surveys.note(user, number - 1, ids).compose(v -> turn(page.nextPageToken()));
    }

    private Future<Void> turn(String nextToken) {
      if (at.circular(nextToken)) {
        return startOver();
      }
      boolean over = at.phase() != SyncCheckpoint.Phase.LIST || settings.lanes().isLast(at.lane());
      at =
          nextToken == null && !over
              ? at.nextLane()
              : at.page(nextToken == null ? SyncCheckpoint.NO_MORE : nextToken, NOTHING);
      return Future.succeededFuture();
    }

    private <T> Future<T> call(Supplier<Future<T>> call) {
      Promise<T> answer = Promise.promise();
      attempt(call, 0, answer);
      return answer.future();
    }

    private <T> void attempt(Supplier<Future<T>> call, int waits, Promise<T> answer) {
      patience
          .with(call)
          .onComplete(
              done -> {
                if (done.failed() && done.cause() instanceof Wait wait && waits < MOST_WAITS) {
                  Duration left = Duration.between(Instant.now(), wait.until());
                  long ms = Math.min(left.toMillis(), LONGEST_WAIT.toMillis());
                  vertx.setTimer(Math.max(10, ms), id -> attempt(call, waits + 1, answer));
                } else {
                  answer.handle(done);
                }
              });
    }
  }

  private static boolean is(Throwable e, Class<? extends GoogleFailure> kind) {
    return e instanceof GoogleException g && kind.isInstance(g.failure());
  }
}
