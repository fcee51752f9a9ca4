package io.millrace.limit;

import io.vertx.core.Vertx;
import io.vertx.core.eventbus.EventBus;
import java.util.function.Consumer;

/**
 * Tells everyone in the process that a limit has changed, so that those who adapt know nothing of
 * the event bus. Thread-safe.
 */
public final class LimitChanges implements Consumer<LimitChanged> {
  /** Where each change is published, as a {@link LimitChanged}. */
  public static final String ADDRESS = "millrace.limit.changed";

  private final EventBus bus;

  /** Registers the codec: make one for each Vertx. */
  public LimitChanges(Vertx vertx) {
    this.bus = vertx.eventBus();
    bus.registerDefaultCodec(LimitChanged.class, new LocalCodec<>(LimitChanged.class));
  }

  @Override
  public void accept(LimitChanged change) {
    bus.publish(ADDRESS, change);
  }
}
