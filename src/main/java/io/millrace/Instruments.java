package io.millrace;

import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.millrace.console.RunTraces;
import io.millrace.console.TraceSettings;
import io.millrace.engine.RunObserver;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.Label;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import io.vertx.tracing.opentelemetry.OpenTelemetryOptions;
import io.vertx.tracing.opentelemetry.OpenTelemetryTracingFactory;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * What a process is measured with. Made before its Vert.x, which tells of its pools and statements;
 * of the rest of what Vert.x could tell nothing is taken, since it would name addresses and methods
 * that strangers choose.
 */
final class Instruments implements AutoCloseable {
  private static final AtomicInteger MADE = new AtomicInteger();
  private static final Set<MetricsDomain> UNWANTED =
      EnumSet.complementOf(EnumSet.of(MetricsDomain.NAMED_POOLS));

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();

  private final OpenTelemetrySdk tracing;

  /** Without traces. */
  Instruments() {
    this(null);
  }

  private Instruments(OpenTelemetrySdk tracing) {
    this.tracing = tracing;
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    collections.bindTo(registry);
  }

  /** With traces, where they are configured. */
  static Instruments of(TraceSettings settings) {
    return new Instruments(settings.enabled() ? Tracing.of(settings) : null);
  }

  /** Sees runs for whoever is given, and traces them where that is configured. */
  RunObserver observer(RunObserver meters) {
    return tracing == null ? meters : RunObserver.both(meters, new RunTraces(tracing));
  }

  PrometheusMeterRegistry registry() {
    return registry;
  }

  /** A Vert.x for a whole process, measured. */
  Vertx vertx() {
    MicrometerMetricsOptions options =
        new MicrometerMetricsOptions()
            .setEnabled(true)
            .setRegistryName("millrace-" + MADE.incrementAndGet())
            .setDisabledMetricsCategories(
                UNWANTED.stream().map(MetricsDomain::toCategory).collect(Collectors.toSet()))
            .setLabels(EnumSet.of(Label.POOL_TYPE, Label.POOL_NAME));
    VertxOptions all = EventLoops.options().setMetricsOptions(options);
    VertxBuilder builder =
        Vertx.builder().with(all).withMetrics(new MicrometerMetricsFactory(registry));
    if (tracing != null) {
      all.setTracingOptions(new OpenTelemetryOptions());
      builder.withTracer(new OpenTelemetryTracingFactory(tracing));
    }
    return builder.build();
  }

  @Override
  public void close() {
    if (tracing != null) {
      tracing.close();
    }
    collections.close();
    registry.close();
  }
}
