package io.millrace.pipeline;

import io.millrace.google.FetchPlan;
import io.vertx.core.Future;
import java.util.List;

/**
 * Learns which labels stored messages have where no history can tell: lists the mailbox label by
 * label, so that a page of 500 costs as much as a quarter of one get. What it shows is compared in
 * the sweep that follows; what changes meanwhile is told by history after the run's cursor, and so
 * comes with the next sync. Used on the run's context.
 */
final class LabelListing {
  private static final FetchPlan NOTHING = FetchPlan.singly(List.of());

  private final Listings listings;
  private final GapLedger ledger;
  private List<String> labels;

  LabelListing(Listings listings, GapLedger ledger) {
    this.listings = listings;
    this.ledger = ledger;
  }

  /**
   * The next page of the label that is listed, or the first of the next one.
   *
   * @return what becomes of the checkpoint is committed; false if the listing has to begin again
   */
  Future<Boolean> step(SyncCheckpoint at) {
    if (at.label() != null && !SyncCheckpoint.NO_MORE.equals(at.pageToken())) {
      return page(at);
    }
    return known()
        .compose(
            all ->
                all.stream()
                    .filter(label -> at.label() == null || label.compareTo(at.label()) > 0)
                    .findFirst()
                    .map(next -> page(at.listing(next)))
                    .orElseGet(
                        () ->
                            ledger.move(at.enter(SyncCheckpoint.Phase.SWEEP, NOTHING)).map(true)));
  }

  /** Once a run: one that comes up meanwhile is on messages only by what history tells later. */
  private Future<List<String>> known() {
    return labels != null
        ? Future.succeededFuture(labels)
        : listings.labels().onSuccess(all -> labels = all);
  }

  private Future<Boolean> page(SyncCheckpoint at) {
    return listings
        .page(at, at.label())
        .compose(
            page ->
                page == null
                    ? Future.succeededFuture(false)
                    : ledger
                        .labelled(
                            at.page(
                                page.nextPageToken() == null
                                    ? SyncCheckpoint.NO_MORE
                                    : page.nextPageToken(),
                                NOTHING),
                            page.ids())
                        .map(true))
        .recover(
            e ->
                at.pageToken() == null && (Listings.refused(e) || Listings.missing(e))
                    // It cannot be listed, or is no more: nothing is learnt of it.
                    ? ledger.move(at.page(SyncCheckpoint.NO_MORE, NOTHING)).map(true)
                    : Future.failedFuture(e));
  }
}
