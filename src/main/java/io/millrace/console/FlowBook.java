package io.millrace.console;

import io.millrace.store.Flow;
import io.millrace.store.Turns;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Marks the minutes that {@link Flow} tells of with what no tally counts, one instance a process:
 * of all processes one in its turn.
 */
public final class FlowBook extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(FlowBook.class);

  /** Some marks a minute, so that the last of them is near its end. */
  private static final long EVERY_MS = 12_000;

  private final Flow flow;
  private final Turns turns;
  private final VitalSigns signs;
  private Future<?> marking = Future.succeededFuture();

  /** Marks nothing before it is deployed, and then with each look. */
  public FlowBook(Flow flow, Turns turns, VitalSigns signs) {
    this.flow = flow;
    this.turns = turns;
    this.signs = signs;
  }

  @Override
  public Future<?> start() {
    signs.listen(seen -> context.runOnContext(v -> mark()));
    return Future.succeededFuture();
  }

  private void mark() {
    if (!marking.isComplete()) {
      return;
    }
    marking =
        turns
            .take("flow", EVERY_MS)
            .compose(mine -> mine ? flow.sample() : Future.<Void>succeededFuture())
            .onFailure(e -> log.warn("this minute's flow is not marked: {}", e.getMessage()))
            .otherwiseEmpty();
  }

  @Override
  public Future<?> stop() {
    return marking;
  }
}
