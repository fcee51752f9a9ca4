package io.millrace.pipeline;

import io.millrace.google.GmailClient;
import io.millrace.google.GoogleException;
import io.millrace.google.GoogleFailure;
import io.millrace.google.IdPage;
import io.vertx.core.Future;
import java.util.List;

/**
 * Pages of a mailbox's listings, asked for patiently. A page token that is no longer good, or leads
 * in a circle, is no failure but means that the listing begins again. Used on the run's context.
 */
final class Listings {
  private final GmailClient gmail;
  private final Patience patience;
  private final GmailSettings settings;
  private final long user;

  Listings(GmailClient gmail, Patience patience, GmailSettings settings, long user) {
    this.gmail = gmail;
    this.patience = patience;
    this.settings = settings;
    this.user = user;
  }

  /** The checkpoint's page of a lane; null if the listing has to begin again. */
  Future<IdPage> page(SyncCheckpoint at, Lane lane) {
    return page(at, settings.includeSpamTrash() || lane.hidden(), lane.query(), lane.labelIds());
  }

  /** The checkpoint's page of all that has a label, in spam and trash as well; null likewise. */
  Future<IdPage> page(SyncCheckpoint at, String label) {
    return page(at, true, null, List.of(label));
  }

  private Future<IdPage> page(
      SyncCheckpoint at, boolean hidden, String query, List<String> labelIds) {
    return patience
        .with(() -> gmail.list(user, settings.pageSize(), at.pageToken(), hidden, query, labelIds))
        .map(page -> at.circular(page.nextPageToken()) ? null : page)
        .recover(
            e ->
                stale(at, e) || (at.pageToken() != null && missing(e))
                    ? Future.succeededFuture(null)
                    : Future.failedFuture(e));
  }

  /** The ids of all labels that the mailbox has, in their order. */
  Future<List<String>> labels() {
    return patience
        .with(() -> gmail.labels(user))
        .map(l -> l.stream().sorted().distinct().toList());
  }

  /** Whether a page was refused because of its token. */
  static boolean stale(SyncCheckpoint at, Throwable e) {
    return at.pageToken() != null && refused(e);
  }

  /** Whether what was asked for makes no sense to Google. */
  static boolean refused(Throwable e) {
    return e instanceof GoogleException g && g.failure() instanceof GoogleFailure.BadRequest;
  }

  /** Whether Google has not what was asked for. */
  static boolean missing(Throwable e) {
    return e instanceof GoogleException g && g.failure() instanceof GoogleFailure.NotFound;
  }
}
