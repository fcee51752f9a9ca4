package io.millrace.console;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** What all answers have in common. */
final class Answers {
  private static final String POLICY =
      "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private Answers() {}

  /** Headers for every answer, also for refusals. */
  static void protect(RoutingContext context) {
    context
        .response()
        .putHeader("Content-Security-Policy", POLICY)
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("Referrer-Policy", "no-referrer")
        .putHeader("Cross-Origin-Resource-Policy", "same-origin");
    context.next();
  }

  static void json(RoutingContext context, JsonObject json) {
    context.response().putHeader("Cache-Control", "no-store");
    send(context, "application/json", json.toBuffer());
  }

  /** Sends a body, or to HEAD only what it would be. */
  static void send(RoutingContext context, String type, Buffer body) {
    HttpServerResponse response = context.response();
    response.putHeader("Content-Type", type);
    if (context.request().method().equals(HttpMethod.HEAD)) {
      response.putHeader("Content-Length", Integer.toString(body.length())).end();
    } else {
      response.end(body);
    }
  }
}
