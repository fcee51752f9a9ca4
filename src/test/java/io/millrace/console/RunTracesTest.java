package io.millrace.console;

import static io.millrace.store.StoreTestKit.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.Engine;
import io.millrace.engine.EngineSettings;
import io.millrace.engine.EngineSetup;
import io.millrace.engine.FailurePolicy;
import io.millrace.engine.JobContext;
import io.millrace.engine.JobHandler;
import io.millrace.engine.Outcome;
import io.millrace.store.Database;
import io.millrace.store.NewJob;
import io.millrace.store.StoreTestKit;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.tracing.opentelemetry.OpenTelemetryOptions;
import io.vertx.tracing.opentelemetry.OpenTelemetryTracingFactory;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One trace over two processes: two engines, each with a Vert.x, connections and spans of its own.
 */
@Timeout(60)
class RunTracesTest {
  record Payload(int n) {}

  private record Kind(String kind, Function<JobContext<Payload>, Future<Outcome>> work)
      implements JobHandler<Payload> {
    @Override
    public Class<Payload> payload() {
      return Payload.class;
    }

    @Override
    public Future<Outcome> run(JobContext<Payload> job) {
      return work.apply(job);
    }
  }

  /** Keeps what it is given. */
  private static final class Kept implements SpanExporter {
    final Queue<SpanData> spans = new ConcurrentLinkedQueue<>();

    @Override
    public CompletableResultCode export(Collection<SpanData> more) {
      spans.addAll(more);
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  private static final class Node {
    final Kept kept = new Kept();
    final OpenTelemetrySdk sdk =
        OpenTelemetrySdk.builder()
            .setTracerProvider(
                SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(kept))
                    .build())
            .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
            .build();
    final Vertx vertx =
        Vertx.builder()
            .with(new VertxOptions().setTracingOptions(new OpenTelemetryOptions()))
            .withTracer(new OpenTelemetryTracingFactory(sdk))
            .build();
    Database database;
    Engine engine;

    void start(Kind kind) throws Exception {
      database = await(Database.open(vertx, StoreTestKit.elsewhere()));
      EngineSettings settings =
          new EngineSettings(
              Duration.ofSeconds(60),
              Duration.ofSeconds(20),
              Duration.ofMillis(50),
              Duration.ofSeconds(5),
              Duration.ofSeconds(1),
              FailurePolicy.DEFAULT,
              Map.of());
      engine =
          await(
              Engine.start(
                  vertx,
                  database,
                  EngineSetup.of(settings, List.of(kind)).observer(new RunTraces(sdk))));
    }

    void stop() throws Exception {
      await(engine.stop());
      await(database.close());
      await(vertx.close());
      sdk.close();
    }
  }

  @Test
  void oneTraceGoesFromTheEnqueueOverTwoProcessesToTheFollowUp() throws Exception {
    BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    BlockingQueue<String> done = new LinkedBlockingQueue<>();
    Node one = new Node();
    Node two = new Node();
    HttpServer peer =
        await(
            StoreTestKit.VERTX
                .createHttpServer()
                .requestHandler(
                    r -> {
                      asked.add(String.valueOf(r.getHeader("traceparent")));
                      r.response().end("{}");
                    })
                .listen(0, "127.0.0.1"));
    HttpClient http = one.vertx.createHttpClient();
    String first = "traced-first-" + System.nanoTime();
    String second = "traced-second-" + System.nanoTime();
    one.start(
        new Kind(
            first,
            job ->
                http.request(HttpMethod.GET, peer.actualPort(), "127.0.0.1", "/")
                    .compose(r -> r.send().compose(a -> a.body()))
                    .compose(
                        v -> job.write(t -> t.enqueue(List.of(NewJob.of(7, second, "{\"n\":2}")))))
                    .map(v -> new Outcome.Completed(null))));
    two.start(
        new Kind(
            second,
            job ->
                two.database
                    .pool()
                    .query("select 4711 as asked")
                    .execute()
                    .onSuccess(v -> done.add(job.trace().trace()))
                    .map(v -> new Outcome.Completed(null))));
    await(one.engine.enqueuer().enqueue(first, 7, new Payload(1)));

    String trace = done.poll(20, TimeUnit.SECONDS);
    assertTrue(trace != null, "the follow-up ran");
    one.stop();
    two.stop();
    await(peer.close());

    SpanData enqueued = span(one, "enqueue " + first);
    SpanData ran = span(one, "run " + first);
    SpanData followed = span(two, "run " + second);
    assertEquals(trace, enqueued.getTraceId());
    assertEquals(trace, ran.getTraceId());
    assertEquals(trace, followed.getTraceId());
    assertEquals(enqueued.getSpanId(), ran.getParentSpanId());
    assertEquals(ran.getSpanId(), followed.getParentSpanId());
    SpanData call =
        one.kept.spans.stream()
            .filter(s -> s.getParentSpanId().equals(ran.getSpanId()))
            .filter(s -> s.getName().equals("GET"))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no call among " + one.kept.spans));
    assertEquals(trace, call.getTraceId());
    assertTrue(asked.poll().contains(call.getSpanId()), "the peer is told the call's span");
    assertTrue(
        two.kept.spans.stream()
            .anyMatch(
                s ->
                    s.getParentSpanId().equals(followed.getSpanId())
                        && s.getAttributes().toString().contains("4711")),
        "the statement hangs below the run: " + two.kept.spans);
    assertTrue(
        one.kept.spans.stream().filter(s -> s.getParentSpanId().equals(ran.getSpanId())).count()
            > 2,
        "the statements of the first run hang below it");
  }

  private static SpanData span(Node process, String name) {
    return process.kept.spans.stream()
        .filter(s -> s.getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not among " + process.kept.spans));
  }
}
