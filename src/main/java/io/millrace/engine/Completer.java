package io.millrace.engine;

import io.millrace.store.Jobs;
import io.millrace.store.Settlement;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes how runs ended, many in one transaction: what arrives while one is written goes with the
 * next. While the database is away a settlement is tried again, more and more slowly; only one that
 * PostgreSQL itself refuses is given up. The queue is bounded by the slots, since a slot is free
 * only when its run is settled.
 *
 * <p>Owned by one context; {@link #settle} may be called from any.
 */
final class Completer {
  private static final Logger log = LoggerFactory.getLogger(Completer.class);
  private static final int MOST = 500;
  private static final long MOST_BACKOFF_MS = 5_000;

  private record Pending(Settlement settlement, Promise<Void> done) {}

  private final Vertx vertx;
  private final Context context;
  private final Jobs jobs;
  private final Deque<Pending> queue = new ArrayDeque<>();
  private boolean writing;
  private int singly;
  private long backoffMs;

  Completer(Vertx vertx, Context context, Jobs jobs) {
    this.vertx = vertx;
    this.context = context;
    this.jobs = jobs;
  }

  /** Completes when the settlement is committed, or can never be. */
  Future<Void> settle(Settlement settlement) {
    Promise<Void> done = Promise.promise();
    context.runOnContext(
        v -> {
          queue.add(new Pending(settlement, done));
          flush();
        });
    return done.future();
  }

  private void flush() {
    if (writing || queue.isEmpty()) {
      return;
    }
    writing = true;
    List<Pending> batch = new ArrayList<>();
    int most = singly > 0 ? 1 : MOST;
    singly = Math.max(0, singly - 1);
    while (batch.size() < most && !queue.isEmpty()) {
      batch.add(queue.poll());
    }
    jobs.settle(batch.stream().map(Pending::settlement).toList())
        .onComplete(
            written -> {
              if (written.succeeded()) {
                backoffMs = 0;
                writing = false;
                batch.forEach(p -> p.done().complete());
                flush();
              } else {
                again(batch, written.cause());
              }
            });
  }

  private void again(List<Pending> batch, Throwable cause) {
    if (refused(cause) && batch.size() == 1) {
      // It will never be taken. The run keeps its row, and whoever looks for lost runs finds it.
      log.error("an outcome cannot be written: {}", cause.getMessage());
      writing = false;
      batch.get(0).done().complete();
      flush();
      return;
    }
    // One that is refused takes the whole batch with it: the next ones go singly.
    singly = refused(cause) ? batch.size() : singly;
    backoffMs = Math.min(MOST_BACKOFF_MS, Math.max(50, backoffMs * 2));
    log.warn(
        "{} outcomes wait for the database, next try in {} ms: {}",
        batch.size() + queue.size(),
        backoffMs,
        cause.getMessage());
    for (int i = batch.size() - 1; i >= 0; i--) {
      queue.addFirst(batch.get(i));
    }
    vertx.setTimer(
        backoffMs,
        id -> {
          writing = false;
          flush();
        });
  }

  /**
   * Whether PostgreSQL objects to what is written (data, constraints, syntax), not to the moment.
   */
  private static boolean refused(Throwable cause) {
    return cause instanceof PgException e
        && e.getSqlState() != null
        && (e.getSqlState().startsWith("22")
            || e.getSqlState().startsWith("23")
            || e.getSqlState().startsWith("42"));
  }
}
