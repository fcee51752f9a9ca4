package io.millrace;

import io.millrace.pipeline.SyncProgress;
import io.millrace.store.Mailboxes;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows the syncs of some mailboxes: shows them on the terminal and tells when nothing is left to
 * run. What it shows was committed: it reads the database, and the events only tell it when.
 */
final class SyncWatch implements AutoCloseable {
  private static final long LOOK_MS = 250;

  private final Vertx vertx;
  private final Millrace millrace;
  private final List<Long> users;
  private final TerminalProgress progress;
  private final MessageConsumer<SyncProgress> events;
  private final Promise<Void> settled = Promise.promise();
  private final Map<Long, Speed> speeds = new HashMap<>();
  private volatile double share;
  private volatile boolean closed;
  private boolean changed = true;

  SyncWatch(Vertx vertx, Millrace millrace, List<Long> users, Terminal terminal) {
    this.vertx = vertx;
    this.millrace = millrace;
    this.users = users;
    this.progress = new TerminalProgress(terminal, System::nanoTime);
    this.events = vertx.eventBus().localConsumer(SyncProgress.ADDRESS, m -> changed = true);
  }

  /** Completes when every job of these mailboxes has ended; to be called once. */
  Future<Void> settled() {
    vertx.getOrCreateContext().runOnContext(v -> look());
    return settled.future();
  }

  /** The share of the listed mail that is accounted for, 0 to 1. */
  double share() {
    return share;
  }

  private void look() {
    if (closed) {
      return;
    }
    Future<?> shown = changed ? show() : Future.succeededFuture();
    changed = false;
    shown
        .compose(v -> millrace.jobs().unfinished(users))
        .onComplete(
            left -> {
              if (left.succeeded() && left.result().live() == 0) {
                show().onComplete(v -> settled.tryComplete());
              } else {
                vertx.setTimer(LOOK_MS, id -> look());
              }
            });
  }

  private Future<Void> show() {
    return millrace
        .mailboxes()
        .states(users)
        .map(
            states -> {
              List<MailboxProgress> rows = new ArrayList<>(states.size());
              double accounted = 0;
              double expected = 0;
              for (Mailboxes.State state : states) {
                rows.add(row(state));
                accounted += state.listed();
                expected += Math.max(state.estimate(), state.listed());
              }
              share = expected == 0 ? 0 : accounted / expected;
              progress.update(rows);
              return null;
            });
  }

  private MailboxProgress row(Mailboxes.State state) {
    double perSecond = speeds.computeIfAbsent(state.user(), u -> new Speed()).at(state.listed());
    boolean complete = state.phase().equals("complete");
    long total = complete ? state.listed() : Math.max(state.estimate(), state.listed());
    long left = total - state.listed();
    Duration eta =
        complete || perSecond <= 0 ? null : Duration.ofSeconds((long) (left / perSecond));
    return new MailboxProgress(
        state.email(), state.listed(), total, words(state), complete ? 0 : perSecond, eta);
  }

  private static String words(Mailboxes.State state) {
    if (state.trouble() != null) {
      return state.trouble();
    }
    return switch (state.phase()) {
      case "list" -> "syncing";
      case "history" -> "catching up";
      case "recount", "labels", "sweep" -> "checking";
      case "complete" -> "in sync";
      default -> "starting";
    };
  }

  @Override
  public void close() {
    closed = true;
    events.unregister();
    progress.close();
  }

  /** A rate that smooths over the last few seconds. */
  private static final class Speed {
    private long count = -1;
    private long nanos;
    private double perSecond;

    double at(long now) {
      long time = System.nanoTime();
      if (count >= 0 && time > nanos) {
        double seconds = (time - nanos) / 1e9;
        double weight = 1 - Math.exp(-seconds / 5);
        perSecond += weight * ((now - count) / seconds - perSecond);
      }
      count = now;
      nanos = time;
      return perSecond;
    }
  }
}
