package io.millrace;

import io.millrace.console.TraceSettings;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;

/** Makes what traces are recorded and sent with. To be closed, which sends what waits. */
final class Tracing {
  private static final int MOST_WAITING = 2_048;

  private Tracing() {}

  /** Sends to where the settings say, by OTLP over HTTP; what waits is bounded. */
  static OpenTelemetrySdk of(TraceSettings settings) {
    return of(
        settings,
        BatchSpanProcessor.builder(
                OtlpHttpSpanExporter.builder().setEndpoint(settings.endpoint()).build())
            .setMaxQueueSize(MOST_WAITING)
            .build());
  }

  static OpenTelemetrySdk of(TraceSettings settings, SpanProcessor processor) {
    Resource resource =
        Resource.getDefault()
            .merge(
                Resource.create(
                    Attributes.of(AttributeKey.stringKey("service.name"), settings.service())));
    return OpenTelemetrySdk.builder()
        .setTracerProvider(
            SdkTracerProvider.builder()
                .setResource(resource)
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(settings.share())))
                .addSpanProcessor(processor)
                .build())
        .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
        .build();
  }
}
