package io.millrace.sim;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes HTTP requests on one event loop; several instances share the port. */
final class FrontDoor extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(FrontDoor.class);
  private static final double LEAST_LATENCY = 30;
  private static final int LATENCY_SPREAD = 51;

  private final World world;
  private final IntConsumer onPort;
  private final Control control;

  FrontDoor(World world, IntConsumer onPort) {
    this.world = world;
    this.onPort = onPort;
    this.control = new Control(world);
  }

  @Override
  public Future<?> start() {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost("127.0.0.1")
            // A negative port is any free one, the same for all instances of a deployment.
            .setPort(world.options().port() == 0 ? -1 : world.options().port())
            .setMaxInitialLineLength(16 * 1024)
            .setInitialSettings(new Http2Settings().setMaxConcurrentStreams(100));
    HttpServer server = vertx.createHttpServer(options).requestHandler(this::handle);
    return server.listen().onSuccess(bound -> onPort.accept(bound.actualPort()));
  }

  private void handle(HttpServerRequest request) {
    String path = request.path() == null ? "" : request.path();
    if (path.equals("/sim/service-account")) {
      vertx
          .executeBlocking(() -> world.tokens().delegations().keyFile(tokenUrl(request)), false)
          .onSuccess(
              file ->
                  request
                      .response()
                      .putHeader("Content-Type", "application/json; charset=UTF-8")
                      .end(file.encodePrettily()));
      return;
    }
    if (path.startsWith("/sim/")) {
      request.body().onSuccess(body -> control.handle(request, path, body));
      return;
    }
    world.meter().requests.increment();
    boolean post = request.method().equals(HttpMethod.POST);
    if (post && path.equals("/token")) {
      request.body().onSuccess(body -> token(request, body));
    } else if (!post && path.equals("/o/oauth2/v2/auth")) {
      consent(request);
    } else if (post && (path.equals("/batch") || path.equals("/batch/gmail/v1"))) {
      request.body().onSuccess(body -> batch(request, body));
    } else if (path.equals("/oauth2/v3/certs")) {
      keys(request);
    } else if (post) {
      request.body().onSuccess(body -> single(request, body));
    } else {
      single(request, Buffer.buffer());
    }
  }

  private void single(HttpServerRequest request, Buffer body) {
    String authorization = request.getHeader("Authorization");
    String method = request.method().name();
    try {
      serve(
          request,
          ApiRequest.single(world, method, request.uri(), authorization, Params.json(body)));
    } catch (ApiException e) {
      refuse(request, e.error());
    }
  }

  /** Google's own are good for hours; here a new simulator may come sooner. */
  private void keys(HttpServerRequest request) {
    vertx
        .executeBlocking(() -> world.pubSub().signer().keys().toBuffer(), false)
        .onSuccess(
            keys ->
                request
                    .response()
                    .putHeader("Content-Type", "application/json; charset=UTF-8")
                    .putHeader("Cache-Control", "public, max-age=60, must-revalidate")
                    .end(keys));
  }

  private void refuse(HttpServerRequest request, GoogleError error) {
    JsonOut out = new JsonOut(512);
    error.write(out);
    send(request, error.code(), out);
  }

  private void token(HttpServerRequest request, Buffer body) {
    JsonOut out = new JsonOut(512);
    int status;
    try {
      Params form = Params.parse(body.toString(StandardCharsets.UTF_8));
      status =
          world.tokens().answer(form, request.getHeader("Authorization"), tokenUrl(request), out);
    } catch (ApiException e) {
      status = 400;
      out.restart(0).object().field("error", "invalid_request").end();
    }
    world.meter().tokensIssued.add(status == 200 ? 1 : 0);
    send(request, status, out);
  }

  private static String tokenUrl(HttpServerRequest request) {
    return "http://" + request.authority() + "/token";
  }

  private void consent(HttpServerRequest request) {
    Consents.Answer answer;
    try {
      Params query = Params.parse(request.query() == null ? "" : request.query());
      answer = world.tokens().consents().ask(query, world.mailboxes());
    } catch (ApiException e) {
      answer = new Consents.Answer(null, "Error 400: invalid_request");
    }
    if (answer.location() == null) {
      request.response().setStatusCode(400).end(answer.error());
    } else {
      request.response().setStatusCode(302).putHeader("Location", answer.location()).end();
    }
  }

  private void batch(HttpServerRequest request, Buffer body) {
    ApiRequest batch;
    try {
      String text = body.toString(StandardCharsets.ISO_8859_1);
      String type = request.getHeader("Content-Type");
      batch =
          ApiRequest.batch(world, BatchPart.parse(type, text), request.getHeader("Authorization"));
    } catch (ApiException e) {
      refuse(request, e.error());
      return;
    }
    serve(request, batch);
  }

  private void serve(HttpServerRequest request, ApiRequest call) {
    if (!world.quota().profile().limited()) {
      carryOut(request, call);
      return;
    }
    int spread = Hash.below(call.subject(), LATENCY_SPREAD);
    long wait = world.clock().millis(LEAST_LATENCY + spread);
    vertx.setTimer(wait, passed -> carryOut(request, call));
  }

  private void carryOut(HttpServerRequest request, ApiRequest call) {
    JsonOut out = new JsonOut(16 * 1024);
    Future<Integer> status =
        call.blocking()
            ? vertx.executeBlocking(() -> call.answer(out), false)
            : Future.succeededFuture().map(now -> call.answer(out));
    status
        .compose(
            code -> {
              if (call.fault() != FaultKind.SLOW_BODY) {
                // Before the client can have the answer: its next call must not meet this one.
                call.finish();
              }
              return new Answering(vertx, world, request)
                  .send(code, call.contentType(), out, call.fault(), call.tally());
            })
        .onComplete(
            sent -> {
              call.finish();
              if (sent.failed()) {
                LOG.error("A call could not be answered", sent.cause());
                request.connection().close();
              }
            });
  }

  private void send(HttpServerRequest request, int status, JsonOut out) {
    new Answering(vertx, world, request)
        .send(status, "application/json; charset=UTF-8", out, null, new Tally());
  }

  /** How many loops serve: more than the machine's cores would only switch between them. */
  static int instances() {
    return Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors()));
  }
}
