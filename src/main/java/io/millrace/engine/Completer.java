package io.millrace.engine;

import io.millrace.store.ClaimedJob;
import io.millrace.store.Endings;
import io.millrace.store.RunKey;
import io.millrace.store.Settlement;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
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
  private static final int MOST = 1_000;
  private static final String WHO = "outcomes";

  /**
   * A job whose run has ended.
   *
   * @param settlement null if there is nothing to write
   */
  record Ended(ClaimedJob job, Settlement settlement) {}

  private final Vertx vertx;
  private final Context context;
  private final Endings endings;
  private final Consumer<List<Ended>> freed;
  private final Runnable more;
  private final Consumer<RunKey> unwritable;
  private final Outage outage;
  private final Queue<Ended> arrived = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean called = new AtomicBoolean();
  private final Deque<Ended> queue = new ArrayDeque<>();
  private boolean writing;
  private int inWriting;
  private int singly;

  /**
   * @param freed hears on the context of what is committed, or can never be
   * @param more called when an end may have made other jobs ready
   * @param unwritable hears before of what can never be
   */
  Completer(
      Vertx vertx,
      Context context,
      Endings endings,
      Consumer<List<Ended>> freed,
      Runnable more,
      Consumer<RunKey> unwritable,
      Outage outage) {
    this.vertx = vertx;
    this.context = context;
    this.endings = endings;
    this.freed = freed;
    this.more = () -> context.runOnContext(v -> more.run());
    this.unwritable = unwritable;
    this.outage = outage;
  }

  /** Takes the end of a run; never blocks. */
  void settle(Ended ended) {
    arrived.add(ended);
    // One call for all that arrives until it is answered.
    if (called.compareAndSet(false, true)) {
      context.runOnContext(v -> take());
    }
  }

  private void take() {
    called.set(false);
    List<Ended> unwritten = new ArrayList<>();
    for (Ended ended = arrived.poll(); ended != null; ended = arrived.poll()) {
      if (ended.settlement() == null) {
        unwritten.add(ended);
      } else {
        queue.add(ended);
      }
    }
    if (!unwritten.isEmpty()) {
      freed.accept(unwritten);
    }
    flush();
  }

  private void flush() {
    if (writing || queue.isEmpty()) {
      return;
    }
    writing = true;
    List<Ended> batch = new ArrayList<>(Math.min(MOST, queue.size()));
    int most = singly > 0 ? 1 : MOST;
    singly = Math.max(0, singly - 1);
    while (batch.size() < most && !queue.isEmpty()) {
      batch.add(queue.poll());
    }
    inWriting = batch.size();
    endings
        .settle(batch.stream().map(Ended::settlement).toList(), more)
        .onComplete(
            written -> {
              inWriting = 0;
              if (written.succeeded()) {
                outage.succeeded(WHO);
                writing = false;
                flush();
                freed.accept(batch);
              } else {
                again(batch, written.cause());
              }
            });
  }

  private void again(List<Ended> batch, Throwable cause) {
    if (refused(cause) && batch.size() == 1) {
      // It will never be taken. The run keeps its row, and whoever looks for lost runs finds it.
      log.atError()
          .addKeyValue("job", batch.get(0).job().key().id())
          .log("an outcome cannot be written: {}", cause.getMessage());
      unwritable.accept(batch.get(0).job().key());
      outage.succeeded(WHO);
      writing = false;
      freed.accept(batch);
      flush();
      return;
    }
    // One that is refused takes the whole batch with it: the next ones go singly.
    singly = refused(cause) ? batch.size() : singly;
    int waiting = batch.size() + queue.size();
    long backoffMs = outage.failed(WHO, waiting + " outcomes wait for the database", cause);
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

  /** How many ends of runs are not yet written. */
  int unwritten() {
    return queue.size() + arrived.size() + inWriting;
  }

  /**
   * Whether PostgreSQL objects to what is written (data, constraints, syntax), not to the moment.
   */
  private static boolean refused(Throwable cause) {
    return cause instanceof PgException e
        && e.getSqlState() != null
        && (e.getSqlState().startsWith("21")
            || e.getSqlState().startsWith("22")
            || e.getSqlState().startsWith("23")
            || e.getSqlState().startsWith("42"));
  }
}
