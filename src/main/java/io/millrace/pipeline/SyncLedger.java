package io.millrace.pipeline;

import io.millrace.engine.JobContext;
import io.millrace.engine.JobTransaction;
import io.millrace.google.FetchPlan;
import io.millrace.google.FetchPlanner;
import io.millrace.google.Fetched;
import io.millrace.google.MessageData;
import io.millrace.google.MessageRef;
import io.millrace.google.Traffic;
import io.millrace.store.Accounted;
import io.millrace.store.Messages;
import io.millrace.store.Messages.Relabelling;
import io.millrace.store.NewJob;
import io.millrace.store.Sightings;
import io.millrace.store.SyncRuns;
import io.millrace.store.SyncRuns.Counts;
import io.millrace.store.SyncRuns.Fate;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The commits of one run over a mailbox: mail, what became of each id, counts, checkpoint and
 * follow-up jobs, together or not at all. Keeps the checkpoint as committed. Used on the run's
 * context.
 */
final class SyncLedger {
  private static final Logger log = LoggerFactory.getLogger(SyncLedger.class);

  private final Vertx vertx;
  private final JobContext<GmailSync.Payload> job;
  private final Messages messages;
  private final SyncRuns runs;
  private final Spending spending;
  private final FetchPlanner planner;
  private final boolean spamTrash;
  private final GapLedger gap;
  private final SyncEnd end;
  private final RunLanes lanes;
  private final Tidings tidings;
  private SyncCheckpoint checkpoint;
  private Counts counted;
  private Traffic.Counts spent;

  SyncLedger(
      Vertx vertx,
      JobContext<GmailSync.Payload> job,
      Messages messages,
      SyncRuns runs,
      Spending spending,
      FetchPlanner planner,
      GmailSettings settings,
      RunLanes lanes,
      Tidings tidings,
      SyncEnd end) {
    this.lanes = lanes;
    this.tidings = tidings;
    this.vertx = vertx;
    this.job = job;
    this.messages = messages;
    this.runs = runs;
    this.spending = spending;
    this.planner = planner;
    this.spamTrash = settings.includeSpamTrash();
    this.end = end;
    this.gap = new GapLedger(this, new Sightings(), tidings, spamTrash, job.user());
    this.checkpoint = job.checkpoint() == null ? null : SyncCheckpoint.parsed(job.checkpoint());
    if (checkpoint != null && checkpoint.full()) {
      lanes.resume();
    }
  }

  /** The lanes that the run goes through. */
  RunLanes lanes() {
    return lanes;
  }

  /** The commits of what no history can tell. */
  GapLedger gap() {
    return gap;
  }

  /** Where the run stands by the last commit; null before {@link #begin}. */
  SyncCheckpoint checkpoint() {
    return checkpoint;
  }

  /**
   * Opens a run and leaves its first checkpoint.
   *
   * @param sweep whether messages may have been deleted without anybody telling
   */
  Future<Void> begin(boolean full, String firstHistory, long estimate, boolean sweep) {
    SyncCheckpoint.Phase phase = full ? SyncCheckpoint.Phase.LIST : SyncCheckpoint.Phase.HISTORY;
    SyncCheckpoint[] first = new SyncCheckpoint[1];
    return job.write(
            tx ->
                runs.begin(
                        tx.connection(),
                        job.user(),
                        full ? "full" : "delta",
                        phase.wireName(),
                        firstHistory,
                        estimate)
                    .compose(
                        run -> {
                          first[0] = SyncCheckpoint.first(run, full, phase, firstHistory, sweep);
                          return lanes
                              .begin(tx, job.user(), run)
                              .compose(v -> tx.checkpoint(first[0].json()));
                        }))
        .onSuccess(v -> checkpoint = first[0]);
  }

  /**
   * Goes on with an earlier full run: its counts go on, and what it has accounted for is known.
   *
   * @param history from where changes are drained
   * @param sweep whether what is stored and not listed is to be asked for
   */
  Future<Void> reopen(long run, SyncCheckpoint.Phase phase, String history, boolean sweep) {
    SyncCheckpoint again = SyncCheckpoint.first(run, true, phase, history, sweep);
    lanes.resume();
    return job.write(
            tx ->
                runs.reopen(tx.connection(), job.user(), run, phase.wireName())
                    .compose(v -> gap.clear(tx))
                    .compose(
                        v ->
                            job.payload().recount()
                                ? runs.forgetDead(tx.connection(), job.user(), run)
                                : Future.succeededFuture())
                    .compose(v -> tx.checkpoint(again.json())))
        .onSuccess(v -> checkpoint = again);
  }

  /**
   * Accounts for what was known of a page's ids, and plans how the others are fetched.
   *
   * @param refs as listed; one that is repeated counts once
   * @param next where the run stands after this page, given what is wanted
   */
  Future<Void> listed(List<MessageRef> refs, PageEnd next) {
    return commit(
        tx ->
            gap.seen(tx, refs)
                .compose(v -> runs.classify(tx.connection(), job.user(), checkpoint.run(), refs))
                .compose(
                    known ->
                        account(
                                tx,
                                new Accounted(
                                    List.of(), List.of(), known.early(), known.fates(), List.of()))
                            .compose(v -> next.apply(tx, plan(known)))));
  }

  /** A thread may hold what another lane wants in another form, or nobody does. */
  private FetchPlan plan(SyncRuns.Known known) {
    return lanes.current().at(checkpoint.lane()).isEverything()
        ? planner.plan(known.wanted(), known.begun())
        : FetchPlan.singly(known.wanted().stream().map(MessageRef::id).toList());
  }

  /** What to do at the end of a page: answers the new checkpoint. */
  interface PageEnd {
    Future<SyncCheckpoint> apply(JobTransaction tx, FetchPlan wanted);
  }

  /** Stores what was fetched, accounts for it, and enqueues its normalisation. */
  Future<Void> fetched(List<Fetched> batch) {
    if (checkpoint.phase() == SyncCheckpoint.Phase.SWEEP) {
      return gap.asked(batch);
    }
    Arrived arrived = Arrived.of(batch, checkpoint.pending(), spamTrash);
    int old =
        checkpoint.phase() == SyncCheckpoint.Phase.RECOUNT
            ? arrived.asOf(checkpoint.firstHistory())
            : 0;
    SyncCheckpoint next = checkpoint.without(arrived.settled(), arrived.unthreaded(), old);
    return commit(
        tx -> early(tx, arrived.unasked()).compose(early -> store(tx, arrived, early)).map(next));
  }

  /** What came unasked and is not known: it is stored before it is listed. */
  private Future<List<MessageData>> early(JobTransaction tx, Map<String, MessageData> unasked) {
    if (unasked.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    List<MessageRef> refs =
        unasked.values().stream().map(m -> new MessageRef(m.id(), m.threadId())).toList();
    return runs.classify(tx.connection(), job.user(), checkpoint.run(), refs)
        .map(known -> known.wanted().stream().map(ref -> unasked.get(ref.id())).toList());
  }

  private Future<Void> store(JobTransaction tx, Arrived arrived, List<MessageData> early) {
    List<MessageData> all = new ArrayList<>(arrived.mail());
    all.addAll(early);
    tidings.stored(all);
    return messages
        .store(tx.connection(), job.user(), checkpoint.run(), all)
        .compose(fresh -> account(tx, arrived, early, fresh).compose(v -> follow(tx, fresh)));
  }

  private Future<Void> account(
      JobTransaction tx, Arrived arrived, List<MessageData> early, Set<String> fresh) {
    List<String> stored = new ArrayList<>();
    List<Fate> fates = new ArrayList<>(arrived.fates());
    for (MessageData message : arrived.mail()) {
      if (fresh.contains(message.id())) {
        stored.add(message.id());
      } else {
        fates.add(new Fate(message.id(), "duplicate"));
      }
    }
    List<String> ahead = early.stream().map(MessageData::id).toList();
    return account(tx, new Accounted(stored, ahead, List.of(), fates, arrived.dead()));
  }

  private Future<Void> follow(JobTransaction tx, Set<String> fresh) {
    if (fresh.isEmpty()) {
      return Future.succeededFuture();
    }
    JsonObject payload = new JsonObject().put("ids", new JsonArray(List.copyOf(fresh)));
    return tx.enqueue(List.of(NewJob.of(job.user(), NormalizeEmail.KIND, payload.encode())));
  }

  /** Marks what is deleted, and brings labels up to date. */
  Future<Void> changed(JobTransaction tx, List<String> deleted, List<Relabelling> labels) {
    tidings.changed(deleted);
    tidings.changed(labels.stream().map(Relabelling::id).toList());
    return messages
        .bury(tx.connection(), job.user(), checkpoint.run(), deleted)
        .compose(v -> messages.relabel(tx.connection(), job.user(), labels));
  }

  /** Notes a new phase beside the counts. */
  Future<Void> phase(JobTransaction tx, SyncCheckpoint.Phase phase) {
    return runs.phase(tx.connection(), job.user(), checkpoint.run(), phase.wireName());
  }

  /** Moves the checkpoint alone. */
  Future<Void> move(SyncCheckpoint next) {
    return commitUncounted(tx -> phase(tx, next.phase()).map(next));
  }

  /** Ends the job without a run: nothing has changed. */
  Future<Void> unchanged() {
    return end.prepare().compose(next -> job.write(tx -> end.unchanged(tx, next)));
  }

  /** Closes the run, ends the job and enqueues the next, in one. */
  Future<Void> complete() {
    return end.prepare().compose(this::complete);
  }

  private Future<Void> complete(FollowUp next) {
    Traffic.Counts now = spending.now(job.user());
    Counts[] counts = new Counts[1];
    return job.write(
            tx ->
                account(tx, Accounted.NONE, now)
                    .onSuccess(c -> counts[0] = c)
                    .compose(v -> end.complete(tx, checkpoint, next)))
        .onSuccess(
            v -> {
              spending.written(job.user(), now);
              publish("complete", counts[0]);
              // Most looks at a mailbox that is followed find nothing.
              log.atLevel(checkpoint.full() || counts[0].listed() > 0 ? Level.INFO : Level.DEBUG)
                  .addKeyValue("user", job.user())
                  .addKeyValue("job", job.key().id())
                  .addKeyValue("run", checkpoint.run())
                  .addKeyValue("mode", checkpoint.full() ? "full" : "delta")
                  .addKeyValue("listed", counts[0].listed())
                  .addKeyValue("stored", counts[0].stored())
                  .addKeyValue("duplicate", counts[0].duplicate())
                  .addKeyValue("gone", counts[0].gone())
                  .addKeyValue("dead", counts[0].deadLettered())
                  .log("mailbox in sync");
            });
  }

  /** Work that answers the checkpoint that it leaves. */
  interface Work {
    Future<SyncCheckpoint> apply(JobTransaction tx);
  }

  /** Commits what decides no listed id's fate. */
  Future<Void> commitUncounted(Work work) {
    return commit(tx -> account(tx, Accounted.NONE).compose(v -> work.apply(tx)));
  }

  private Future<Void> commit(Work work) {
    SyncCheckpoint[] next = new SyncCheckpoint[1];
    return job.write(
            tx ->
                work.apply(tx)
                    .compose(
                        made -> {
                          next[0] = made;
                          return tx.checkpoint(made.json());
                        }))
        .onComplete(done -> tidings.tell(done.succeeded()))
        .onSuccess(
            v -> {
              checkpoint = next[0];
              spending.written(job.user(), spent);
              publish(checkpoint.phase().wireName(), counted);
            });
  }

  private Future<Void> account(JobTransaction tx, Accounted accounted) {
    spent = spending.now(job.user());
    return account(tx, accounted, spent).onSuccess(c -> counted = c).mapEmpty();
  }

  private Future<Counts> account(JobTransaction tx, Accounted accounted, Traffic.Counts now) {
    return runs.account(
        tx.connection(),
        job.user(),
        checkpoint.run(),
        accounted,
        spending.unwritten(job.user(), now));
  }

  private void publish(String phase, Counts counts) {
    vertx
        .eventBus()
        .publish(
            SyncProgress.ADDRESS,
            new SyncProgress(job.user(), phase, counts.listed(), counts.estimate()));
  }
}
