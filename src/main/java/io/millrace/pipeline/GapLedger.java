package io.millrace.pipeline;

import io.millrace.engine.JobTransaction;
import io.millrace.google.FetchPlan;
import io.millrace.google.Fetched;
import io.millrace.google.MessageRef;
import io.millrace.store.Messages.Relabelling;
import io.millrace.store.Sightings;
import io.vertx.core.Future;
import java.util.List;

/**
 * The commits by which a run finds out what no history can tell it: which stored messages are gone,
 * and which have other labels. Used on the run's context.
 */
final class GapLedger {
  private final SyncLedger ledger;
  private final Sightings sightings;
  private final Tidings tidings;
  private final boolean spamTrash;
  private final long user;

  GapLedger(SyncLedger ledger, Sightings sightings, Tidings tidings, boolean spamTrash, long user) {
    this.ledger = ledger;
    this.sightings = sightings;
    this.tidings = tidings;
    this.spamTrash = spamTrash;
    this.user = user;
  }

  /** Forgets what earlier runs have seen. */
  Future<Void> clear(JobTransaction tx) {
    return sightings.clear(tx.connection(), user);
  }

  /** Notes what a page of the second listing showed, if history has a gap. */
  Future<Void> seen(JobTransaction tx, List<MessageRef> refs) {
    SyncCheckpoint at = ledger.checkpoint();
    return at.sweep() && at.phase() == SyncCheckpoint.Phase.RECOUNT
        ? sightings.note(tx.connection(), user, at.run(), refs)
        : Future.succeededFuture();
  }

  /** Notes what a page of a label's listing showed. */
  Future<Void> labelled(SyncCheckpoint next, List<MessageRef> refs) {
    return ledger.commitUncounted(
        tx ->
            sightings
                .noteLabel(
                    tx.connection(),
                    user,
                    next.run(),
                    next.label(),
                    refs,
                    SyncCheckpoint.NO_MORE.equals(next.pageToken()))
                .map(next));
  }

  /** Moves the checkpoint alone. */
  Future<Void> move(SyncCheckpoint next) {
    return ledger.move(next);
  }

  /**
   * Looks at the next stored messages: gives them the labels under which they were listed, and
   * finds those that no listing showed, which are to be asked for.
   *
   * @param most how many to look at
   */
  Future<Void> suspects(int most) {
    SyncCheckpoint at = ledger.checkpoint();
    String after = at.pageToken() == null ? "" : at.pageToken();
    return ledger.commitUncounted(
        tx ->
            sightings
                .relabel(tx.connection(), user, at.run(), after, most)
                .onSuccess(tidings::changed)
                .compose(
                    v ->
                        sightings.suspects(tx.connection(), user, at.run(), after, most, spamTrash))
                .map(
                    found ->
                        at.page(
                            found.last() == null ? SyncCheckpoint.NO_MORE : found.last(),
                            FetchPlan.singly(found.ids()))));
  }

  /** Only Google's word that it has a message no more makes it a deleted one. */
  Future<Void> asked(List<Fetched> batch) {
    SyncCheckpoint at = ledger.checkpoint();
    Arrived arrived = Arrived.of(batch, at.pending(), true);
    List<Relabelling> labels =
        arrived.mail().stream()
            .map(m -> new Relabelling(m.id(), true, m.labelIds(), List.of()))
            .toList();
    return ledger.commitUncounted(
        tx ->
            ledger
                .changed(tx, arrived.gone(), labels)
                .map(at.without(arrived.settled(), List.of(), 0)));
  }
}
