package io.millrace.console;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.stream.Collectors;

/** The addresses that machines watch: metrics for Prometheus, and health. */
final class OpsRoutes {
  private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final Vertx vertx;
  private final PrometheusMeterRegistry registry;
  private final SharedRead<Readiness.Answer> readiness;

  /**
   * @param registry null where nothing is measured
   * @param boundMs for each probe
   */
  OpsRoutes(Vertx vertx, PrometheusMeterRegistry registry, List<Probe> probes, long boundMs) {
    this.vertx = vertx;
    this.registry = registry;
    this.readiness =
        new SharedRead<>(new Readiness(vertx, probes, boundMs)::ask, 2 * boundMs, System::nanoTime);
  }

  void mount(Router router) {
    reads(router, "/health/live")
        .handler(c -> Answers.json(c, new JsonObject().put("status", "live")));
    reads(router, "/health/ready").handler(this::ready);
    if (registry != null) {
      reads(router, "/metrics").handler(this::metrics);
    }
  }

  private static Route reads(Router router, String path) {
    return router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD);
  }

  private void metrics(RoutingContext context) {
    vertx
        .executeBlocking(registry::scrape, false)
        .onSuccess(
            text -> {
              context.response().putHeader("Cache-Control", "no-store");
              Answers.send(context, METRICS_TYPE, Buffer.buffer(text));
            })
        .onFailure(context::fail);
  }

  private void ready(RoutingContext context) {
    readiness.get().onSuccess(answer -> tell(context, answer)).onFailure(context::fail);
  }

  private static void tell(RoutingContext context, Readiness.Answer answer) {
    if (answer.ready()) {
      Answers.json(
          context, new JsonObject().put("status", answer.status()).put("checks", answer.checks()));
      return;
    }
    List<Probe> needed = answer.lacking().stream().filter(Probe::needed).toList();
    context
        .response()
        .setStatusCode(503)
        .putHeader("Retry-After", "2")
        .putHeader("Cache-Control", "no-store");
    Answers.send(
        context,
        "application/problem+json",
        new JsonObject()
            .put("type", "about:blank")
            .put("title", HttpResponseStatus.SERVICE_UNAVAILABLE.reasonPhrase())
            .put("status", 503)
            .put("code", needed.get(0).name() + "_away")
            .put("detail", needed.stream().map(Probe::lack).collect(Collectors.joining(" ")))
            .put("checks", answer.checks())
            .toBuffer());
  }
}
