package io.millrace.console;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.millrace.google.GmailClient;
import io.millrace.limit.ByteBudget;
import io.millrace.limit.MemoryWatch;
import io.millrace.limit.QuotaLimits;
import io.millrace.store.CacheFigures;
import io.millrace.store.Database;
import io.millrace.store.Vitals;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * Shows what is known anyway as metrics: read when somebody asks for them. To be kept for as long
 * as they are shown.
 */
public final class Gauges {
  private static final Map<String, ToDoubleFunction<Vitals.Queue>> OF_QUEUES = ofQueues();

  private final MeterRegistry registry;
  private final Meters meters;

  /** The registry holds by weak references what it asks. */
  private final List<Object> asked = new ArrayList<>();

  /** Registers nothing yet. */
  public Gauges(MeterRegistry registry, Meters meters) {
    this.registry = registry;
    this.meters = meters;
  }

  private static Map<String, ToDoubleFunction<Vitals.Queue>> ofQueues() {
    Map<String, ToDoubleFunction<Vitals.Queue>> all = new LinkedHashMap<>();
    all.put("millrace.queue.ready", Vitals.Queue::ready);
    all.put("millrace.queue.oldest.seconds", q -> q.oldestMs().orElse(0) / 1000);
    all.put("millrace.queue.scheduled", Vitals.Queue::scheduled);
    all.put("millrace.queue.waiting", Vitals.Queue::waiting);
    all.put("millrace.queue.running", Vitals.Queue::running);
    all.put("millrace.queue.dead", Vitals.Queue::dead);
    all.put("millrace.queue.done", Vitals.Queue::done);
    all.put("millrace.queue.failed", Vitals.Queue::failed);
    return all;
  }

  /** The queues, over all processes; while they are not known their values are no numbers. */
  public Gauges queues(VitalSigns signs) {
    Map<String, MultiGauge> gauges = new LinkedHashMap<>();
    OF_QUEUES.keySet().forEach(n -> gauges.put(n, MultiGauge.builder(n).register(registry)));
    signs.listen(
        seen ->
            gauges.forEach(
                (name, gauge) ->
                    gauge.register(rows(signs, seen.queues(), OF_QUEUES.get(name)), true)));
    gauge("millrace.mailbox.lag.seconds", () -> lag(signs.latest()));
    return this;
  }

  private Iterable<MultiGauge.Row<?>> rows(
      VitalSigns signs, List<Vitals.Queue> queues, ToDoubleFunction<Vitals.Queue> value) {
    Map<String, Double> sums = new LinkedHashMap<>();
    queues.forEach(q -> sums.merge(meters.kind(q.kind()), value.applyAsDouble(q), Double::sum));
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    sums.forEach(
        (kind, sum) ->
            rows.add(
                MultiGauge.Row.of(
                    Tags.of("kind", kind), () -> signs.latest() == null ? Double.NaN : sum)));
    return rows;
  }

  private static double lag(Signs seen) {
    return seen == null ? Double.NaN : seen.lagMs().orElse(Double.NaN) / 1000;
  }

  /** Google's quota: what may be spent; 0 where nothing is limited. */
  public Gauges quota(QuotaLimits limits, VitalSigns signs) {
    limit("user", limits.userPerMinute());
    limit("project", limits.projectPerMinute());
    limit("day", limits.projectPerDay());
    gauge("millrace.quota.day.units", () -> day(signs.latest()));
    return this;
  }

  private void limit(String scope, long units) {
    Gauge.builder("millrace.quota.limit.units", () -> units).tag("scope", scope).register(registry);
  }

  private static double day(Signs seen) {
    return seen == null ? Double.NaN : seen.dayUnits();
  }

  /** Whether Google is spoken to, 0 (well), 0.5 (tried) or 1 (left alone), and bytes in flight. */
  public Gauges google(GmailClient gmail, ByteBudget budget) {
    gauge("millrace.google.breaker", () -> breaker(gmail.breaker()));
    gauge("millrace.google.inflight.bytes", budget::held);
    return this;
  }

  static double breaker(String state) {
    return switch (state) {
      case "closed" -> 0;
      case "half_open" -> 0.5;
      default -> 1;
    };
  }

  /** The database's failures; its pools' figures come from Vert.x. */
  public Gauges database(Database database) {
    asked.add(database);
    failures(database, "lost", Database::lost);
    failures(database, "refused", Database::refused);
    return this;
  }

  private void failures(Database database, String failure, ToLongFunction<Database> count) {
    FunctionCounter.builder("millrace.database.failures", database, count::applyAsLong)
        .description("statements and transactions that failed")
        .tag("failure", failure)
        .register(registry);
  }

  /** What the cache of messages has done. */
  public Gauges cache(Supplier<CacheFigures> figures) {
    asked.add(figures);
    cached(figures, "asked", CacheFigures::asks);
    cached(figures, "memory", CacheFigures::memoryHits);
    cached(figures, "redis", CacheFigures::redisHits);
    cached(figures, "shared", CacheFigures::shared);
    cached(figures, "loaded", CacheFigures::loads);
    return this;
  }

  private void cached(
      Supplier<CacheFigures> figures, String by, ToLongFunction<CacheFigures> count) {
    FunctionCounter.builder("millrace.cache.reads", figures, f -> count.applyAsLong(f.get()))
        .description("reads of messages that were asked for, and by what they were answered")
        .tag("by", by)
        .register(registry);
  }

  /** Memory in use and the part of the usual load that is taken on, 0 to 1. */
  public Gauges memory(MemoryWatch memory) {
    gauge("millrace.memory.share", memory::share);
    gauge("millrace.memory.load", memory);
    return this;
  }

  private void gauge(String name, DoubleSupplier value) {
    Gauge.builder(name, value::getAsDouble).register(registry);
  }
}
