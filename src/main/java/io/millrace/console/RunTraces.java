package io.millrace.console;

import io.millrace.engine.RunObserver;
import io.millrace.engine.TraceParent;
import io.millrace.store.ClaimedJob;
import io.millrace.store.NewJob;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.vertx.core.Context;
import io.vertx.core.internal.ContextInternal;
import io.vertx.tracing.opentelemetry.VertxContextStorageProvider.VertxContextStorage;
import java.time.Duration;

/**
 * Makes spans of jobs: one where a job is enqueued, unless it comes with a trace already, and one
 * for each run, below it, in whichever process it runs. The run has a context of its own, so that
 * Vert.x hangs its requests to Google and its statements below the run; jobs that follow from it
 * hang there too. Handlers that run on threads of their own have the run's span, but not those of
 * its statements.
 */
public final class RunTraces implements RunObserver {
  private final Tracer tracer;

  /** Spans go where it sends them. */
  public RunTraces(OpenTelemetry telemetry) {
    this.tracer = telemetry.getTracer("io.millrace");
  }

  @Override
  public NewJob coming(NewJob job) {
    Span span =
        tracer
            .spanBuilder("enqueue " + job.kind())
            .setSpanKind(SpanKind.PRODUCER)
            .setAttribute("millrace.kind", job.kind())
            .startSpan();
    span.end();
    return job.traced(parent(span.getSpanContext()).toString());
  }

  @Override
  public Seen begun(ClaimedJob job) {
    Span span =
        tracer
            .spanBuilder("run " + job.kind())
            .setParent(before(job))
            .setSpanKind(SpanKind.CONSUMER)
            .setAttribute("millrace.kind", job.kind())
            .setAttribute("millrace.job", job.key().id())
            .setAttribute("millrace.run", job.key().run())
            .setAttribute("millrace.attempt", job.failures() + 1)
            .startSpan();
    span.addEvent("claimed");
    return new Traced(span);
  }

  private static io.opentelemetry.context.Context before(ClaimedJob job) {
    io.opentelemetry.context.Context root = io.opentelemetry.context.Context.root();
    return TraceParent.parse(job.trace())
        .map(
            p ->
                SpanContext.createFromRemoteParent(
                    p.trace(), p.span(), TraceFlags.fromHex(p.flags(), 0), TraceState.getDefault()))
        .map(remote -> root.with(Span.wrap(remote)))
        .orElse(root);
  }

  private static TraceParent parent(SpanContext span) {
    return new TraceParent(span.getTraceId(), span.getSpanId(), span.getTraceFlags().asHex());
  }

  private record Traced(Span span) implements Seen {
    @Override
    public void ended(String state, Duration took) {
      span.setAttribute("millrace.outcome", state);
      if (state.equals("retried") || state.equals("dead")) {
        span.setStatus(StatusCode.ERROR);
      }
      span.end();
    }

    @Override
    public TraceParent trace() {
      return parent(span.getSpanContext());
    }

    @Override
    public Context on(Context loop) {
      ContextInternal own = ((ContextInternal) loop).duplicate();
      // It stays there for as long as the run's context does: nobody has to take it away.
      var unused =
          VertxContextStorage.INSTANCE.attach(
              own, io.opentelemetry.context.Context.root().with(span));
      return own;
    }
  }
}
