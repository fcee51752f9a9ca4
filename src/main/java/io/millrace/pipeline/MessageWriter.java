package io.millrace.pipeline;

import io.millrace.google.Fetched;
import io.millrace.google.GmailClient;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.streams.WriteStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a mailbox's stream ends: gathers what was fetched into batches and commits them one after
 * the other. While one batch is written another may fill up; then the writer is full and the stream
 * pauses, so nothing is fetched that cannot be stored.
 *
 * <p>A batch is written when it is full, holds {@value #MOST_BYTES} bytes, or is a second old:
 * under a small quota messages trickle, and what has come should not wait for what has not. Used on
 * one context.
 */
final class MessageWriter implements WriteStream<Fetched> {
  private static final long MOST_BYTES = 4 << 20;
  private static final long OLDEST_MS = 1_000;

  private final Vertx vertx;
  private final GmailClient gmail;
  private final SyncLedger ledger;
  private final WriteGate gate;
  private final int most;
  private final Promise<Void> ended = Promise.promise();
  private List<Fetched> gathering = new ArrayList<>();
  private long bytes;
  private long timer = -1;
  private boolean writing;
  private boolean ending;
  private Throwable failure;
  private Handler<Void> drain;
  private Handler<Throwable> exceptionHandler;

  MessageWriter(Vertx vertx, GmailClient gmail, SyncLedger ledger, WriteGate gate, int most) {
    this.vertx = vertx;
    this.gmail = gmail;
    this.ledger = ledger;
    this.gate = gate;
    this.most = most;
  }

  @Override
  public Future<Void> write(Fetched fetched) {
    if (failure != null) {
      release(List.of(fetched));
      return Future.failedFuture(failure);
    }
    gathering.add(fetched);
    if (fetched instanceof Fetched.Message message) {
      bytes += message.data().payload().length;
    }
    if (full()) {
      flush();
    } else if (timer == -1) {
      timer =
          vertx.setTimer(
              OLDEST_MS,
              id -> {
                timer = -1;
                flush();
              });
    }
    return Future.succeededFuture();
  }

  private boolean full() {
    return gathering.size() >= most || bytes >= MOST_BYTES;
  }

  private void flush() {
    if (writing || gathering.isEmpty()) {
      return;
    }
    if (timer != -1) {
      vertx.cancelTimer(timer);
      timer = -1;
    }
    List<Fetched> batch = gathering;
    long size = bytes;
    gathering = new ArrayList<>();
    bytes = 0;
    writing = true;
    gate.write(batch.size(), size, () -> ledger.fetched(batch))
        .onComplete(
            done -> {
              writing = false;
              release(batch);
              if (done.failed()) {
                fail(done.cause());
              } else {
                written();
              }
            });
  }

  private void written() {
    if (full() || (ending && !gathering.isEmpty())) {
      flush();
    }
    if (ending && !writing && gathering.isEmpty()) {
      ended.tryComplete();
    } else if (!writeQueueFull() && drain != null) {
      Handler<Void> handler = drain;
      drain = null;
      handler.handle(null);
    }
  }

  private void fail(Throwable cause) {
    failure = cause;
    release(gathering);
    gathering = new ArrayList<>();
    ended.tryFail(cause);
    if (exceptionHandler != null) {
      exceptionHandler.handle(cause);
    }
  }

  private void release(List<Fetched> batch) {
    for (Fetched one : batch) {
      if (one instanceof Fetched.Message message) {
        gmail.release(message.data());
      }
    }
  }

  /** Writes what is left; completes when all of it is committed. */
  @Override
  public Future<Void> end() {
    ending = true;
    if (failure == null) {
      flush();
      if (!writing && gathering.isEmpty()) {
        ended.tryComplete();
      }
    }
    return ended.future();
  }

  @Override
  public boolean writeQueueFull() {
    return writing && full();
  }

  @Override
  public MessageWriter setWriteQueueMaxSize(int maxSize) {
    return this;
  }

  @Override
  public MessageWriter drainHandler(Handler<Void> handler) {
    drain = handler;
    return this;
  }

  @Override
  public MessageWriter exceptionHandler(Handler<Throwable> handler) {
    exceptionHandler = handler;
    return this;
  }
}
