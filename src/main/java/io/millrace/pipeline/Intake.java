package io.millrace.pipeline;

import io.millrace.google.FetchPlan;
import io.millrace.google.GmailClient;
import io.millrace.google.MessageFormat;
import io.millrace.google.MessageStream;
import io.millrace.google.MessageStreamSettings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.SplittableRandom;

/**
 * Brings what a page wants from Google into the database: one stream, one writer, and an end that
 * waits for both. Used on one context.
 */
final class Intake {
  private final MessageStream stream;
  private final MessageWriter writer;
  private final Promise<Void> emitted = Promise.promise();

  Intake(
      Vertx vertx,
      GmailClient gmail,
      long user,
      FetchPlan plan,
      GmailSettings settings,
      double timeScale,
      SyncLedger ledger,
      WriteGate gate) {
    writer = new MessageWriter(vertx, gmail, ledger, gate, settings.writeBatch());
    MessageStreamSettings usual =
        MessageStreamSettings.of(settings.batchParts(), settings.messageAttempts(), timeScale);
    // Whether it is still there, and under which labels, is all that a sweep asks.
    boolean sweep = ledger.checkpoint().phase() == SyncCheckpoint.Phase.SWEEP;
    stream =
        new MessageStream(
            gmail,
            user,
            plan,
            sweep ? MessageFormat.MINIMAL : ledger.checkpoint().format(ledger.lanes().current()),
            sweep ? usual.ofOldMessages() : usual,
            new SplittableRandom());
  }

  /** Fetches and stores until all is accounted for, or neither can go on. */
  Future<Void> run() {
    writer.exceptionHandler(e -> cutShort());
    stream
        .pipe()
        .endOnFailure(false)
        .endOnSuccess(false)
        .to(writer)
        .onComplete(
            done -> {
              if (done.succeeded()) {
                emitted.tryComplete();
              } else {
                emitted.tryFail(done.cause());
              }
            });
    return emitted
        .future()
        .transform(
            streamed ->
                writer
                    .end()
                    .compose(
                        v ->
                            streamed.succeeded()
                                ? Future.<Void>succeededFuture()
                                : Future.failedFuture(streamed.cause())));
  }

  /** Ends the stream before its end; what it has not emitted stays pending. */
  void cutShort() {
    stream.cancel();
    emitted.tryFail(new IllegalStateException("cut short"));
  }
}
