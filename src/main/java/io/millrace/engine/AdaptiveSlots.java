package io.millrace.engine;

import io.millrace.limit.AdaptiveConcurrency;
import io.millrace.limit.ConcurrencySettings;
import io.millrace.limit.LimitChanged;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The slots of each kind as errors, run times and memory leave them: one {@link
 * AdaptiveConcurrency} for each kind that is adaptive, its configured slots as the ceiling; all of
 * it times the memory governor's factor. One of each kind may always run, so that a process that is
 * short of memory still comes to the collection that tells it is not any more. Used on one event
 * loop.
 */
public final class AdaptiveSlots implements Slots {
  private static final Logger log = LoggerFactory.getLogger(AdaptiveSlots.class);

  private final EngineSettings settings;
  private final ConcurrencySettings concurrency;
  private final DoubleSupplier memory;
  private final Consumer<LimitChanged> changes;
  private final LongSupplier nanoClock;
  private final Map<String, AdaptiveConcurrency> learnt = new HashMap<>();

  /**
   * @param memory the governor's factor, 0 to 1
   * @param changes told each change of a kind's limit
   * @param nanoClock {@link System#nanoTime}
   */
  public AdaptiveSlots(
      EngineSettings settings,
      ConcurrencySettings concurrency,
      DoubleSupplier memory,
      Consumer<LimitChanged> changes,
      LongSupplier nanoClock) {
    this.settings = settings;
    this.concurrency = concurrency;
    this.memory = memory;
    this.changes = changes;
    this.nanoClock = nanoClock;
  }

  @Override
  public int free(String kind, int busy) {
    KindSettings of = settings.kind(kind);
    int limit = of.adaptive() ? adaptive(kind, of).limit() : of.slots();
    int allowed = Math.max(1, (int) (limit * memory.getAsDouble()));
    return Math.max(0, allowed - busy);
  }

  @Override
  public void finished(String kind, int busy, boolean failed, Duration run) {
    KindSettings of = settings.kind(kind);
    if (!of.adaptive()) {
      return;
    }
    AdaptiveConcurrency adaptive = adaptive(kind, of);
    int old = adaptive.limit();
    int limit = adaptive.sample(failed, run.toNanos(), busy, nanoClock.getAsLong());
    if (limit != old) {
      log.atInfo()
          .addKeyValue("kind", kind)
          .log("{} runs at once, were {}: {}", limit, old, adaptive.why());
      changes.accept(new LimitChanged("concurrency:" + kind, old, limit, adaptive.why()));
    }
  }

  private AdaptiveConcurrency adaptive(String kind, KindSettings of) {
    return learnt.computeIfAbsent(
        kind, k -> new AdaptiveConcurrency(concurrency.atMost(of.slots())));
  }
}
